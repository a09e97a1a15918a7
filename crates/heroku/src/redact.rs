//! Makes text that came from a server fit to be shown: no secret, no control character, no flood.

use secrecy::{ExposeSecret, SecretString};

/// Longest text passed on, in characters.
const LONGEST: usize = 2_000;

/// What stands in a secret's place.
const MASK: &str = "[redacted]";

/// Shorter tokens would match by chance.
const SHORTEST: usize = 8;

/// `text` with the token and all other secrets masked, control characters escaped (line feeds stay:
/// Heroku's longer messages have several lines) and its length bounded.
pub(crate) fn message(text: &str, token: &SecretString) -> String {
    let token = token.expose_secret();
    let text = if token.len() >= SHORTEST {
        text.replace(token, MASK)
    } else {
        text.to_owned()
    };
    let text = without_secrets(&text);
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    for (index, c) in text.trim().chars().enumerate() {
        if index == LONGEST {
            shown.push('…');
            break;
        }
        match c {
            '\n' => shown.push(c),
            c if c.is_control() || misleads(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// `text` without what is secret wherever it stands: the password in every URL, and Salesforce's
/// session ids. User names and hosts stay.
pub fn without_secrets(text: &str) -> String {
    salesforce_sessions(&url_passwords(text))
}

/// Masks what stands between `//` and `@` of every URL but for the user's name.
fn url_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        shown.push_str(before);
        let authority = &after[..authority_end(before, after)];
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
        rest = &after[authority.len()..];
    }
    shown.push_str(rest);
    shown
}

/// How far a password may reach. In a database's URL people forget to encode it, so there it may
/// hold everything but white space.
fn authority_end(scheme: &str, after: &str) -> usize {
    let database = scheme.ends_with("postgres://") || scheme.ends_with("postgresql://");
    let ends = |c: char| c.is_whitespace() || (!database && "/?#\"'<>".contains(c));
    after.find(ends).unwrap_or(after.len())
}

/// Masks Salesforce's session ids: the organisation's id (15 or 18 characters beginning with `00D`),
/// an exclamation mark, and the secret (Salesforce REST API Developer Guide, "Session ID").
fn salesforce_sessions(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for (mark, _) in text.match_indices('!') {
        let secret = &text[mark + 1..];
        let length = secret.find(|c: char| !is_session(c));
        let length = length.unwrap_or(secret.len());
        // Before the mark in the whole text: another mark may stand in front of the organisation.
        if length > 0 && ends_with_organisation(&text[..mark]) {
            shown.push_str(&text[from..=mark]);
            shown.push_str(MASK);
            from = mark + 1 + length;
        }
    }
    shown.push_str(&text[from..]);
    shown
}

fn is_session(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
}

fn ends_with_organisation(text: &str) -> bool {
    let start = text.rfind(|c: char| !c.is_ascii_alphanumeric());
    let word = start.map_or(text, |start| {
        let width = text[start..].chars().next().map_or(1, char::len_utf8);
        &text[start + width..]
    });
    matches!(word.len(), 15 | 18) && word.starts_with("00D")
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
    fn masks_a_password_that_nobody_encoded() {
        for password in ["s3/cr3t", "s3?cr3t#", "s3\"'<cr3t>", "s3@cr3t", "://s3cr3t"] {
            let url = format!("\"postgresql://u1:{password}@db.example.com/d1\" refused");
            let shown = shown(&url);
            assert!(!shown.contains("s3") && !shown.contains("cr3t"), "{shown}");
            assert!(shown.contains("u1:[redacted]@db.example.com"), "{shown}");
        }
    }

    #[test]
    fn masks_salesforce_sessions() {
        assert_eq!(
            shown("INVALID_SESSION_ID: 00D000000000123!AQ0AQ.x_y expired"),
            "INVALID_SESSION_ID: 00D000000000123![redacted] expired"
        );
        assert_eq!(
            shown("é00D000000000123EAX!AQ"),
            "é00D000000000123EAX![redacted]"
        );
        assert_eq!(shown("stop!now, 00D1!x"), "stop!now, 00D1!x");
        assert_eq!(
            shown("no!00D000000000123!AQ!00D000000000124!AQ"),
            "no!00D000000000123![redacted]!00D000000000124![redacted]"
        );
    }

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        assert_eq!(shown("a\u{1b}[31mb\rc\nd"), "a\\u{1b}[31mb\\u{d}c\nd");
        assert_eq!(shown("x\u{202e}y\u{61c}z"), "x\\u{202e}y\\u{61c}z");
        assert_eq!(shown("\u{9b}2J\u{200b}"), "\\u{9b}2J\\u{200b}");
    }

    #[test]
    fn bounds_the_length() {
        let text = shown(&"é".repeat(5_000));
        assert_eq!(text.chars().count(), LONGEST + 1);
    }
}
