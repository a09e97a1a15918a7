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

/// What may reach a terminal as it is: line feeds, and colours (ECMA-48, "SGR"). Everything else
/// that a terminal would obey is shown.
pub(super) fn screen(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c != '\n' && is_command(c)) {
        let (before, after) = rest.split_at(at);
        safe.push_str(before);
        let width = colour(after).unwrap_or(0);
        safe.push_str(&after[..width]);
        rest = &after[width..];
        if width == 0 {
            let mut chars = rest.chars();
            if let Some(c) = chars.next() {
                show(&mut safe, c);
            }
            rest = chars.as_str();
        }
    }
    safe.push_str(rest);
    safe
}

/// The same JSON without characters that a terminal would obey: JSON's own escape takes the place of
/// each (RFC 8259, section 7). Beyond its strings JSON has none of them.
pub(crate) fn json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_command(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

fn is_spacing(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t')
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_command(c) {
            show(&mut safe, c);
        } else {
            safe.push(c);
        }
    }
    safe
}

fn show(safe: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
}

/// The length of a colour that the text begins with.
fn colour(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    parameters[end..].starts_with('m').then_some(end + 3)
}

/// Whether a terminal would do something else than show it.
fn is_command(c: char) -> bool {
    c.is_control() || misleads(c)
}

/// Characters that a terminal shows nothing for, or that change the direction or the place of others
/// (Unicode's format characters and separators).
fn misleads(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_are_shown() {
        assert_eq!(line("a\u{1b}[31mred\u{7}"), "a\\u{1b}[31mred\\u{7}");
        assert_eq!(line("\u{9b}2J\u{202e}evil"), "\\u{9b}2J\\u{202e}evil");
        assert_eq!(
            line("a\u{200b}b\u{61c}c\u{e0041}"),
            "a\\u{200b}b\\u{61c}c\\u{e0041}"
        );
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

    #[test]
    fn on_the_way_to_the_screen_colours_and_line_feeds_stay() {
        let painted = "\n\u{1b}[38;5;147m⬢ demo\u{1b}[0m\n";
        assert_eq!(screen(painted), painted);
        assert_eq!(
            screen("\u{1b}[2J\u{1b}]0;x\u{7}\u{1b}[1;2H\u{1b}[\u{1b}[0m\u{1b}"),
            "\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{1b}[1;2H\\u{1b}[\u{1b}[0m\\u{1b}"
        );
    }

    /// Colours taken out, no character is left that a terminal would obey.
    fn is_harmless(text: &str) -> bool {
        let mut rest = text;
        let mut plain = String::new();
        while let Some(at) = rest.find("\u{1b}[") {
            plain.push_str(&rest[..at]);
            let after = &rest[at + 2..];
            let Some(end) = after.find('m') else {
                return false;
            };
            if !after[..end]
                .bytes()
                .all(|b| b.is_ascii_digit() || b == b';')
            {
                return false;
            }
            rest = &after[end + 1..];
        }
        plain.push_str(rest);
        !plain
            .chars()
            .any(|c| c != '\n' && (c.is_control() || misleads(c)))
    }

    /// Any text, with the parts of escape sequences more often than by chance.
    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "(?s).{0,6}",
            prop::sample::select(vec![
                "\u{1b}",
                "\u{1b}[",
                "\u{1b}]",
                "\u{9b}",
                "\u{9d}",
                "\u{7}",
                "[0m",
                "m",
                "2J",
                "31;1",
                ";",
                "\n",
                "\r",
                "\u{202e}",
                "\u{0}",
                "52;c;",
                "8;;http://e\u{1b}\\",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn nothing_commands_the_terminal(text in hostile()) {
            prop_assert!(is_harmless(&screen(&text)), "{:?}", screen(&text));
            prop_assert!(!line(&text).contains(is_command), "{:?}", line(&text));
            prop_assert!(!block(&text).contains(|c| c != '\n' && is_command(c)));
            prop_assert_eq!(screen(&screen(&text)), screen(&text));
        }

        #[test]
        fn json_means_what_it_meant(text in hostile()) {
            let value = serde_json::json!({ text.clone(): [text.clone()] });
            for written in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let safe = json(&written);
                prop_assert!(!safe.contains(|c| c != '\n' && is_command(c)), "{safe:?}");
                let read: serde_json::Value = serde_json::from_str(&safe).unwrap();
                prop_assert_eq!(&read, &value);
                prop_assert_eq!(screen(&safe), safe.clone(), "the screen leaves it alone");
            }
        }
    }
}
