//! Secrets taken out of text that is about to be kept or shown.
//!
//! The clients keep secrets out of what they report; this is the second lock on the same door,
//! for text that may quote someone else's message.

use connect_swap_heroku::without_secrets;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

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
    /// Takes out this token, every password in a URL, and Salesforce's session ids.
    pub(crate) fn new(token: Option<SecretString>) -> Self {
        let long = |token: &SecretString| token.expose_secret().len() >= SHORTEST;
        Self {
            token: token.filter(long),
        }
    }

    /// The text without secrets.
    pub(crate) fn clean(&self, text: &str) -> String {
        let text = match &self.token {
            Some(token) => text.replace(token.expose_secret(), REMOVED),
            None => text.to_owned(),
        };
        without_secrets(&text)
    }

    /// A document with none in any of its texts. Text by text: in the whole of it, a password with a
    /// quotation mark in it would be two.
    pub(crate) fn clean_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(&text)),
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.clean_value(item))
                .collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (self.clean(&name), self.clean_value(value)))
                .collect(),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn passwords_in_urls() {
        let clean = |text: &str| Redactor::default().clean(text);
        assert_eq!(
            clean("cannot reach postgres://u:p4ss@db.example.com:5432/x?a=b, https://a/"),
            "cannot reach postgres://u:[redacted]@db.example.com:5432/x?a=b, https://a/"
        );
        assert_eq!(
            clean("{\"url\":\"postgres://u:p@w@h\"} ://"),
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

    proptest! {
        #[test]
        fn a_secret_is_in_no_text_of_a_document(
            token in "HRKU-[A-Za-z0-9-]{8,30}", password in "[^\\s]{1,20}", around in ".{0,10}"
        ) {
            let redactor = Redactor::new(Some(token.clone().into()));
            let url = format!("postgres://u:KANARI{password}@h/d");
            let text = format!("{around}{token}{around} {url}");
            let document = json!({ text.clone(): { "a": [text.clone(), null, 1] }, "url": url });
            let clean = redactor.clean_value(document).to_string();
            prop_assert!(!clean.contains(&token) && !clean.contains("KANARI"), "{clean}");
        }

        #[test]
        fn a_document_without_secrets_stays(text in "[^:!]{0,30}", number in any::<f64>()) {
            let document = json!({ text.clone(): [text, number, true, null] });
            prop_assert_eq!(Redactor::default().clean_value(document.clone()), document);
        }
    }
}
