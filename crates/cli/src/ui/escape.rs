//! Text from outside, made harmless for a terminal.
//!
//! An API message or a table's name may hold escape sequences that move the cursor, recolour the
//! screen or reorder what is read. Such characters are shown instead of obeyed.

use std::fmt::Write;

/// One line: line breaks and tabs become spaces, other control characters are shown.
pub(crate) fn line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if is_spacing(c) { ' ' } else { c })
        .collect();
    escape(spaced.trim_end())
}

/// Several lines: line breaks stay, other control characters are shown.
pub(crate) fn block(text: &str) -> String {
    let lines = text.lines().map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fn is_spacing(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t')
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || reorders(c) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Characters that change the direction or the place of others (Unicode bidirectional controls),
/// and separators that some terminals take for line breaks.
fn reorders(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown() {
        assert_eq!(line("a\u{1b}[31mred\u{7}"), "a\\u{1b}[31mred\\u{7}");
        assert_eq!(line("\u{9b}2J\u{202e}evil"), "\\u{9b}2J\\u{202e}evil");
    }

    #[test]
    fn line_breaks_become_spaces_or_stay() {
        assert_eq!(line("one\r\ntwo\tthree\n"), "one  two three");
        assert_eq!(block("one\ntwo\u{8}\n"), "one\ntwo\\u{8}");
    }

    #[test]
    fn ordinary_text_stays() {
        assert_eq!(line("Überweisung · 12 €"), "Überweisung · 12 €");
    }
}
