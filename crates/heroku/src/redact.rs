//! Makes text that came from a server fit to be shown: no secret, no control character, no flood.

use secrecy::{ExposeSecret, SecretString};

/// Longest text passed on, in characters.
const LONGEST: usize = 2_000;

/// What stands in a secret's place.
const MASK: &str = "[redacted]";

/// `text` with the token and every password in a URL masked, control characters escaped (line
/// feeds stay: Heroku's longer messages have several lines) and its length bounded.
pub(crate) fn message(text: &str, token: &SecretString) -> String {
    let token = token.expose_secret();
    let text = if token.len() >= 8 {
        text.replace(token, MASK)
    } else {
        text.to_owned()
    };
    let text = url_passwords(&text);
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    for (index, c) in text.trim().chars().enumerate() {
        if index == LONGEST {
            shown.push('…');
            break;
        }
        match c {
            '\n' => shown.push(c),
            c if c.is_control() || is_bidi_control(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// `text` with what stands between `//` and `@` of every URL masked but for the user's name.
pub(crate) fn url_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        shown.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c));
        let authority = &after[..end.unwrap_or(after.len())];
        let tail = &after[authority.len()..];
        match authority.rfind('@') {
            Some(at) => {
                let user = authority[..at].split(':').next().unwrap_or_default();
                shown.push_str(user);
                if user.len() < at {
                    shown.push(':');
                    shown.push_str(MASK);
                }
                shown.push_str(&authority[at..]);
            }
            None => shown.push_str(authority),
        }
        rest = tail;
    }
    shown.push_str(rest);
    shown
}

/// Characters that reorder what a terminal shows.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        message(text, &SecretString::from("HRKU-0123456789"))
    }

    #[test]
    fn masks_the_token_and_passwords_in_urls() {
        assert_eq!(shown("bad token HRKU-0123456789."), "bad token [redacted].");
        assert_eq!(
            shown("cannot reach postgres://u1:s3:cr3t@db.example.com:5432/d1 now"),
            "cannot reach postgres://u1:[redacted]@db.example.com:5432/d1 now"
        );
        assert_eq!(
            shown("see https://example.com/a@b"),
            "see https://example.com/a@b"
        );
    }

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        assert_eq!(shown("a\u{1b}[31mb\rc\nd"), "a\\u{1b}[31mb\\u{d}c\nd");
        assert_eq!(shown("x\u{202e}y"), "x\\u{202e}y");
    }

    #[test]
    fn bounds_the_length() {
        let text = shown(&"é".repeat(5_000));
        assert_eq!(text.chars().count(), LONGEST + 1);
    }
}
