//! Secrets taken out of text that is about to be kept.
//!
//! The clients keep secrets out of what they report; this is the second lock on the same door,
//! for text that may quote someone else's message.

use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
const REMOVED: &str = "[redacted]";
/// Shorter tokens would match by chance.
const SHORTEST: usize = 8;

/// Knows the secrets of this run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redactor {
    token: Option<SecretString>,
}

impl Redactor {
    /// Takes out this token, and every password in a URL.
    pub(crate) fn new(token: Option<SecretString>) -> Self {
        let long = |token: &SecretString| token.expose_secret().len() >= SHORTEST;
        Self {
            token: token.filter(long),
        }
    }

    /// The text without secrets.
    pub(crate) fn clean(&self, text: &str) -> String {
        let text = without_passwords(text);
        match &self.token {
            Some(token) => text.replace(token.expose_secret(), REMOVED),
            None => text,
        }
    }
}

/// Replaces the password in every `scheme://user:password@host`.
fn without_passwords(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        clean.push_str(before);
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?' | '#' | '<'))
            .unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority
            .rsplit_once('@')
            .map(|(user, host)| (user.split(':').next(), host))
        {
            Some((Some(user), host)) => clean.push_str(&format!("{user}:{REMOVED}@{host}")),
            _ => clean.push_str(authority),
        }
        rest = tail;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls() {
        assert_eq!(
            without_passwords(
                "cannot reach postgres://u:p4ss@db.example.com:5432/x?a=b, https://a/"
            ),
            "cannot reach postgres://u:[redacted]@db.example.com:5432/x?a=b, https://a/"
        );
        assert_eq!(
            without_passwords("{\"url\":\"postgres://u:p@w@h\"} ://"),
            "{\"url\":\"postgres://u:[redacted]@h\"} ://"
        );
    }

    #[test]
    fn the_token_wherever_it_stands() {
        let redactor = Redactor::new(Some("HRKU-12345678".into()));
        assert_eq!(
            redactor.clean("Bearer HRKU-12345678!"),
            "Bearer [redacted]!"
        );
        assert_eq!(
            Redactor::new(Some("tok".into())).clean("a token"),
            "a token"
        );
    }
}
