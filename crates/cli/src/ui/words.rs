//! Numbers and lengths of time in words.

use std::time::Duration;

/// `3s`, `1m 12s`, `2h 5m`, `1d 3h`: the two largest units.
pub(crate) fn length(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, s) => format!("{s}s"),
        (0, 0, m, s) => format!("{m}m {s}s"),
        (0, h, m, _) => format!("{h}h {m}m"),
        (d, h, ..) => format!("{d}d {h}h"),
    }
}

/// `1 step`, `2 steps`: never `1 steps`.
pub(crate) fn count(number: u64, one: &str) -> String {
    let digits = grouped(number);
    if number == 1 {
        format!("{digits} {one}")
    } else {
        format!("{digits} {one}s")
    }
}

/// `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        let of = |seconds| length(Duration::from_secs(seconds));
        assert_eq!(of(0), "0s");
        assert_eq!(of(72), "1m 12s");
        assert_eq!(of(7500), "2h 5m");
        assert_eq!(of(97_200), "1d 3h");
    }

    #[test]
    fn counts() {
        assert_eq!(count(1, "step"), "1 step");
        assert_eq!(count(0, "step"), "0 steps");
        assert_eq!(count(1_234_567, "row"), "1,234,567 rows");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
    }
}
