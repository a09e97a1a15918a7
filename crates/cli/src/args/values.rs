//! Values checked as they are typed: what is wrong here ends with exit code 2 and no effect.

use std::time::Duration;

use jiff::SignedDuration;

/// `OBJECT.FIELD[,FIELD…]`, as Salesforce names them.
pub(super) fn columns(text: &str) -> Result<String, String> {
    const SHAPE: &str = "expected OBJECT.FIELD or OBJECT.FIELD,FIELD, such as Account.Industry";
    let (object, fields) = text.split_once('.').ok_or(SHAPE)?;
    let well_formed = is_api_name(object) && fields.split(',').all(is_api_name);
    if well_formed {
        Ok(text.to_owned())
    } else {
        Err(SHAPE.to_owned())
    }
}

/// `OBJECT.FIELD`.
pub(super) fn column(text: &str) -> Result<String, String> {
    if text.contains(',') {
        return Err("expected one OBJECT.FIELD; repeat the flag for more".to_owned());
    }
    columns(text)
}

/// The code of a finding: lower-case words with dashes.
pub(super) fn finding_code(text: &str) -> Result<String, String> {
    let well_formed = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if well_formed {
        Ok(text.to_owned())
    } else {
        Err("expected the code of a finding, such as manual-settings".to_owned())
    }
}

/// A length of time such as `90s`, `10m` or `1h 30m`.
pub(super) fn length_of_time(text: &str) -> Result<Duration, String> {
    const SHAPE: &str = "expected a length of time, such as 90s, 10m or 1h 30m";
    let signed: SignedDuration = text.parse().map_err(|_| SHAPE)?;
    let length = Duration::try_from(signed).map_err(|_| SHAPE)?;
    if length.is_zero() {
        Err("must be longer than nothing".to_owned())
    } else {
        Ok(length)
    }
}

/// A length of time that leaves others room in between.
pub(super) fn pause(text: &str) -> Result<Duration, String> {
    let length = length_of_time(text)?;
    if length < Duration::from_secs(1) {
        Err("must be a second or more".to_owned())
    } else {
        Ok(length)
    }
}

/// An object of the database: `KIND:NAME`.
pub(super) fn object(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some((kind, name)) if !kind.trim().is_empty() && !name.is_empty() => Ok(text.to_owned()),
        _ => Err("expected KIND:NAME, such as table:public.events".to_owned()),
    }
}

/// Bytes a second: `20MB/s`, `500kB/s`, `1GB/s`.
pub(super) fn rate(text: &str) -> Result<u64, String> {
    bytes(
        text.strip_suffix("/s").unwrap_or(text),
        "expected a rate, such as 20MB/s",
    )
}

/// Bytes: `5GB`, `500 MB`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    bytes(text, "expected a size, such as 2GB")
}

fn bytes(text: &str, shape: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 4] = [
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1_000),
        ("B", 1),
    ];
    let amount = text.trim();
    let (number, unit) = UNITS
        .iter()
        .find_map(|(unit, factor)| Some((amount.strip_suffix(unit)?.trim(), *factor)))
        .ok_or(shape)?;
    let number: u64 = number.parse().map_err(|_| shape)?;
    match number.checked_mul(unit) {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("must be more than nothing".to_owned()),
    }
}

/// How many times faster than real time a clock runs.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (1.0..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err("expected a number from 1 to 100000".to_owned()),
    }
}

/// Salesforce's API names: a letter, then letters, digits and underscores.
fn is_api_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What people type for numbers and units, and what they do not.
    const AMOUNT: &str =
        "(-?[0-9]{0,21}(\\.[0-9]{0,3})? ?(ns|s|m|h|d|w|y|B|kB|MB|GB|MB/s|.{0,3}) ?){0,3}";

    proptest! {
        #[test]
        fn any_value_is_taken_or_refused_in_words(amount in AMOUNT, text in ".{0,24}") {
            for text in [&amount, &text] {
                let length = length_of_time(text);
                prop_assert!(length.as_ref().is_ok_and(|length| !length.is_zero())
                    || length.is_err_and(|words| !words.is_empty()));
                prop_assert!(pause(text).map_or(true, |pause| pause >= Duration::from_secs(1)));
                prop_assert!(rate(text).map_or(true, |rate| rate > 0));
                prop_assert!(size(text).map_or(true, |size| size > 0));
                prop_assert!(speed(text).map_or(true, |speed| speed >= 1.0));
                for taken in [columns(text), column(text), finding_code(text)] {
                    // It goes into messages and requests as it is.
                    prop_assert!(taken.map_or(true, |taken| &taken == text
                        && taken.bytes().all(|b| b.is_ascii_graphic())));
                }
                let _ = object(text);
            }
        }

        #[test]
        fn sizes_are_what_they_say(number in 1_u64..9_000_000_000, unit in 0_usize..4) {
            let (unit, factor) = [("B", 1), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000)][unit];
            prop_assert_eq!(size(&format!("{number}{unit}")), Ok(number * factor));
            prop_assert_eq!(rate(&format!("{number} {unit}/s")), Ok(number * factor));
        }

        #[test]
        fn lengths_are_what_they_say(hours in 0_u64..9999, minutes in 1_u64..60, seconds in 0_u64..60) {
            let length = length_of_time(&format!("{hours}h {minutes}m {seconds}s"));
            prop_assert_eq!(length, Ok(Duration::from_secs(hours * 3600 + minutes * 60 + seconds)));
        }
    }

    #[test]
    fn columns_are_an_object_and_its_fields() {
        for good in ["Account.Industry", "My__Thing__c.A__c,B__c", "a.b"] {
            assert_eq!(columns(good).as_deref(), Ok(good));
        }
        for bad in [
            "Account",
            "Account.",
            ".Industry",
            "Account.A,,B",
            "A.B.C",
            "A.B, C",
            "A.1",
            "",
        ] {
            assert!(columns(bad).is_err(), "{bad}");
        }
        assert!(column("Account.A,B").is_err());
    }

    #[test]
    fn lengths_of_time() {
        assert_eq!(length_of_time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(length_of_time("1h 30m"), Ok(Duration::from_secs(5400)));
        for bad in ["", "10", "0s", "-5m", "soon", "10 lightyears"] {
            assert!(length_of_time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pauses_are_not_shorter_than_a_second() {
        assert_eq!(pause("1s"), Ok(Duration::from_secs(1)));
        assert!(pause("999ms").is_err());
        assert!(pause("soon").is_err());
    }

    #[test]
    fn rates_sizes_and_objects() {
        assert_eq!(rate("20MB/s"), Ok(20_000_000));
        assert_eq!(rate("500 kB"), Ok(500_000));
        for bad in [
            "",
            "20",
            "MB/s",
            "0MB/s",
            "-1MB/s",
            "20MiB/h",
            "99999999999999GB/s",
        ] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        assert_eq!(size("5GB"), Ok(5_000_000_000));
        assert!(size("5GB/s").is_err());
        assert!(object("index:my: index").is_ok());
        for bad in ["", "public.events", ":x", "table:"] {
            assert!(object(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn codes_of_findings() {
        assert!(finding_code("manual-settings").is_ok());
        for bad in ["", "Manual", "a b", "-a", "x;y"] {
            assert!(finding_code(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn speeds() {
        assert_eq!(speed("60"), Ok(60.0));
        for bad in ["0", "0.5", "NaN", "inf", "fast"] {
            assert!(speed(bad).is_err(), "{bad}");
        }
    }
}
