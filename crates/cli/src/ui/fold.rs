//! Long lines on a terminal: folded between words, the rest under the text they belong to.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, core::display_width};

/// Narrower than this, folding leaves nothing to read.
const NARROWEST: usize = 40;
/// What stands further right is no beginning of a text any more.
const DEEPEST: usize = 24;

/// Each line in as many as its width asks for; without columns, as it is.
///
/// A line with a command or an address in it is left to the terminal, which folds it without a line
/// break, so that it can be copied.
pub(crate) fn fold(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.filter(|columns| *columns >= NARROWEST) else {
        return text.to_owned();
    };
    let lines: Vec<String> = text.split('\n').map(|line| folded(line, columns)).collect();
    lines.join("\n")
}

fn folded(line: &str, columns: usize) -> String {
    if display_width(line) <= columns || is_to_be_copied(line) {
        return line.to_owned();
    }
    let margin = " ".repeat(margin(&console::strip_ansi_codes(line)));
    let options = Options::new(columns)
        .subsequent_indent(&margin)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(line, options).join("\n")
}

fn is_to_be_copied(line: &str) -> bool {
    ["heroku ", "connect-swap ", "://", "$ "]
        .iter()
        .any(|mark| line.contains(mark))
}

/// Where the text of a line begins: behind its mark, its number, its label.
fn margin(line: &str) -> usize {
    let indent = width_while(line, |char| matches!(char, ' ' | '›'));
    let rest: String = line.chars().skip(indent).collect();
    let lead = ["- ", "? "].iter().find(|mark| rest.starts_with(*mark));
    let behind = match lead {
        Some(mark) => mark.len(),
        None => label(&rest),
    };
    if indent + behind <= DEEPEST {
        indent + behind
    } else {
        indent
    }
}

/// The width of `1. `, of `why:   `, or of a word that stands apart.
fn label(text: &str) -> usize {
    let word = width_while(text, |char| char != ' ');
    let after: String = text.chars().skip(word).collect();
    let gap = width_while(&after, |char| char == ' ');
    let is_number = text.starts_with(|char: char| char.is_ascii_digit());
    match text.chars().nth(word.saturating_sub(1)) {
        Some(':') => word + gap,
        Some('.') if is_number => word + gap,
        _ if gap >= 2 => word + gap,
        _ => 0,
    }
}

fn width_while(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.chars().take_while(|char| wanted(*char)).count()
}

/// What a text looks like on terminals of 60, 80 and 120 columns, for snapshots.
#[cfg(test)]
pub(crate) fn on_terminals(text: impl Fn(Option<usize>) -> String) -> String {
    use indicatif::TermLike;
    let screens = [60_u16, 80, 120].map(|columns| {
        let terminal = indicatif::InMemoryTerm::new(200, columns);
        for line in text(Some(columns.into())).split('\n') {
            terminal.write_line(line).unwrap();
        }
        let ruler = "-".repeat(columns.into());
        format!("{ruler}\n{}", terminal.contents())
    });
    screens.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_stands_under_the_text_it_belongs_to() {
        let cases = [
            (
                "     why:   the quick brown fox jumps over it",
                "     why:   the quick brown fox jumps\n            over it",
            ),
            (
                " ›   Error: the quick brown fox jumps over it",
                " ›   Error: the quick brown fox jumps\n            over it",
            ),
            (
                "       12. the quick brown fox jumps over it",
                "       12. the quick brown fox jumps\n           over it",
            ),
            (
                "       - the quick brown fox jumps over the dog",
                "       - the quick brown fox jumps over\n         the dog",
            ),
            (
                "    done  the quick brown fox jumps over the dog",
                "    done  the quick brown fox jumps over\n          the dog",
            ),
            (
                "BLOCKS   a-code: the quick brown fox jumps over",
                "BLOCKS   a-code: the quick brown fox\n         jumps over",
            ),
            (
                "the quick brown fox jumps over the lazy dog",
                "the quick brown fox jumps over the lazy\ndog",
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(fold(line, Some(40)), expected);
        }
    }

    #[test]
    fn colours_have_no_width_and_what_fits_or_is_copied_stays() {
        let painted = "\u{1b}[31mthe quick brown fox\u{1b}[0m jumps over the lazy";
        assert_eq!(fold(painted, Some(40)), painted);
        let command = "do:  heroku maintenance:off --app example-app and then again";
        assert_eq!(fold(command, Some(40)), command);
        let long = "a ".repeat(60);
        assert_eq!(fold(&long, None), long);
        assert_eq!(fold(&long, Some(20)), long);
        let one_word = "x".repeat(90);
        assert_eq!(fold(&one_word, Some(60)), one_word);
        assert_eq!(fold("", Some(60)), "");
    }
}
