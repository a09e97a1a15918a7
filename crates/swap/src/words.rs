//! Small words for people: durations and sizes.

/// A duration in seconds as a person says it: `45s`, `4m 12s`, `3h 05m`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m {s:02}s"),
        (h, m, _) => format!("{h}h {m:02}m"),
    }
}

/// A range of seconds: `1m 10s to 6m 00s`.
pub fn range(low: f64, high: f64) -> String {
    format!("{} to {}", duration(low), duration(high))
}

/// A size in bytes: `812 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} bytes")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// A count with its noun: `1 table`, `2 tables`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// `heroku pg:psql DATABASE -c "SQL" -a APP`, in which nothing means something to the shell.
pub fn psql(database: &str, sql: &str, app: &str) -> String {
    let mut quoted = String::with_capacity(sql.len());
    for character in sql.chars() {
        if matches!(character, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    format!("heroku pg:psql {database} -c \"{quoted}\" -a {app}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes() {
        assert_eq!(duration(45.4), "45s");
        assert_eq!(duration(252.0), "4m 12s");
        assert_eq!(duration(11_100.0), "3h 05m");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_500_000), "1.5 MB");
        assert_eq!(count(1, "table"), "1 table");
    }
}
