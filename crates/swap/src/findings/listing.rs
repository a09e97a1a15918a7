//! Words for lists and numbers, so that no message says "1 rows" or fills a screen.

/// How many examples a finding names.
const SHOWN: usize = 10;

/// The first ten lines, and how many more there are.
pub(super) fn shortened(lines: Vec<String>) -> Vec<String> {
    let total = lines.len() as u64;
    shortened_of(lines, total)
}

/// The first ten lines, and how many more there are where only some of `total` were read.
pub(super) fn shortened_of(mut lines: Vec<String>, total: u64) -> Vec<String> {
    lines.truncate(SHOWN);
    let more = total.saturating_sub(lines.len() as u64);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// The program of a command line. The rest is left out: people put passwords there.
pub(super) fn program(command: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let first = command.split_whitespace().next().unwrap_or_default();
    if !first.is_empty() && first.chars().all(plain) {
        first
    } else {
        "a command"
    }
}

/// A number with its noun; the plural has an `s`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(number: usize) -> Vec<String> {
        (1..=number).map(|n| n.to_string()).collect()
    }

    #[test]
    fn ten_lines_are_shown_whole() {
        assert_eq!(shortened(lines(10)), lines(10));
    }

    #[test]
    fn the_rest_is_counted() {
        assert_eq!(
            shortened(lines(12)).last().map(String::as_str),
            Some("and 2 more")
        );
        assert_eq!(shortened(lines(12)).len(), 11);
        assert_eq!(
            shortened_of(lines(3), 40).last().map(String::as_str),
            Some("and 37 more")
        );
    }

    #[test]
    fn no_argument_of_a_command_is_shown() {
        assert_eq!(program("rake db:migrate"), "rake");
        assert_eq!(program("bin/rails console"), "bin/rails");
        assert_eq!(program("TOKEN=hush rake"), "a command");
        assert_eq!(program("postgres://u:hush@h/d"), "a command");
        assert_eq!(program(" "), "a command");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(0, "row"), "0 rows");
    }
}
