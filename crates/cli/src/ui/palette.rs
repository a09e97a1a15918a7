//! Heroku's colours and symbols.
//!
//! The numbers and symbols are those of heroku-cli-util (`src/ux/colors.ts`, `docs/COLORS.md`):
//! apps purple with ⬢, databases and add-ons yellow, attachments gold, symbols only where 256
//! colours are at hand. Colour is never the only carrier of a meaning.

use console::{Color, Style};

/// How many colours a stream can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// No colours and no symbols.
    None,
    /// The eight of old, no symbols.
    Basic,
    /// 256, and symbols.
    Full,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    App,
    Good,
    Warning,
    Bad,
    Info,
    Command,
    Strong,
    Faint,
}

/// Colours one stream's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Palette {
    depth: Depth,
}

impl Palette {
    /// A palette of this depth.
    pub(crate) fn new(depth: Depth) -> Self {
        Self { depth }
    }

    /// Text as it is.
    pub(crate) fn none() -> Self {
        Self::new(Depth::None)
    }

    /// Whether there are any colours.
    pub(crate) fn has_colours(self) -> bool {
        self.depth != Depth::None
    }

    /// The text in its colour, with its symbol.
    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        let text = match (paint, self.depth) {
            (Paint::App, Depth::Full) => format!("⬢ {text}"),
            _ => text.to_owned(),
        };
        match self.style(paint) {
            Some(style) => style.force_styling(true).apply_to(text).to_string(),
            None => text,
        }
    }

    fn style(self, paint: Paint) -> Option<Style> {
        let plain = Style::new();
        let coloured = |number: u8, basic: Color| match self.depth {
            Depth::Full => Style::new().color256(number),
            Depth::None | Depth::Basic => Style::new().fg(basic),
        };
        if self.depth == Depth::None {
            return None;
        }
        Some(match paint {
            Paint::App => coloured(147, Color::Magenta),
            Paint::Good => coloured(40, Color::Green),
            Paint::Warning => coloured(214, Color::Yellow),
            // heroku-cli-util says #FF8787, which is 210 of the 256.
            Paint::Bad => coloured(210, Color::Red),
            Paint::Info => coloured(43, Color::Cyan),
            Paint::Command | Paint::Strong => plain.bold(),
            Paint::Faint => plain.dim(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_there_are_neither_escapes_nor_symbols() {
        assert_eq!(Palette::none().paint(Paint::App, "demo"), "demo");
    }

    #[test]
    fn symbols_need_256_colours() {
        let basic = Palette::new(Depth::Basic).paint(Paint::App, "demo");
        let full = Palette::new(Depth::Full).paint(Paint::App, "demo");
        assert_eq!(basic, "\u{1b}[35mdemo\u{1b}[0m");
        assert_eq!(full, "\u{1b}[38;5;147m⬢ demo\u{1b}[0m");
    }
}
