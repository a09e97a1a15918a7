//! Salesforce record ids: 15 case-sensitive characters and a 3-character case checksum.

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The 18-character id of the `number`th record of the object with this 3-character prefix, in
/// the instance with this 2-character code.
pub(super) fn record_id(prefix: &str, instance: &str, number: u64) -> String {
    let mut short = format!("{prefix:0>3}{instance:0>2}0");
    let mut digits = [b'0'; 9];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(rest % 62).expect("below 62");
        *digit = BASE62[index];
        rest /= 62;
    }
    short.extend(digits.iter().map(|byte| char::from(*byte)));
    let suffix = checksum(short.as_bytes());
    short + &suffix
}

/// One character for each group of five: bit n is set where the nth character is a capital.
fn checksum(short: &[u8]) -> String {
    short
        .chunks(5)
        .map(|group| {
            let bits = group.iter().enumerate().fold(0_usize, |bits, (n, byte)| {
                bits | (usize::from(byte.is_ascii_uppercase()) << n)
            });
            char::from(CHECKSUM[bits])
        })
        .collect()
}

/// The key prefix of an object: the known one of a standard object, else one made for its
/// `ordinal` in the organisation (custom objects begin with `a`).
pub(super) fn key_prefix(object: &str, ordinal: usize) -> String {
    let known = match object.to_ascii_lowercase().as_str() {
        "account" => "001",
        "contact" => "003",
        "user" => "005",
        "opportunity" => "006",
        "lead" => "00Q",
        "case" => "500",
        "campaign" => "701",
        "product2" => "01t",
        "pricebook2" => "01s",
        "task" => "00T",
        "event" => "00U",
        _ => "",
    };
    if known.is_empty() {
        let high = char::from(BASE62[(ordinal / 62) % 62]);
        let low = char::from(BASE62[ordinal % 62]);
        format!("a{high}{low}")
    } else {
        known.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_eighteen_characters_and_differ() {
        let first = record_id("001", "Ab", 1);
        assert_eq!(first.len(), 18);
        assert_ne!(first, record_id("001", "Ab", 2));
        assert_ne!(first, record_id("003", "Ab", 1));
    }

    #[test]
    fn the_checksum_marks_the_capitals_of_each_group() {
        assert_eq!(checksum(b"001Ab00000000Z1"), "IAI");
    }
}
