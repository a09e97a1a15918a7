//! What came back.

use std::time::Duration;

use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;
use crate::redact;
use crate::refusal::{Call, Refusal};

/// A whole answer with a 2xx status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) call: Call,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body as `T`; `what` names it in the error.
    pub(crate) fn json<T: DeserializeOwned>(&self, what: &'static str) -> Result<T, Error> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| self.malformed(what, place(&error)))?;
        reader.end().map_err(|error| {
            self.malformed(
                what,
                format!("text after the end (column {})", error.column()),
            )
        })?;
        Ok(value)
    }

    /// The body as text, byte for byte.
    pub(crate) fn text(mut self, what: &'static str) -> Result<String, Error> {
        match String::from_utf8(std::mem::take(&mut self.body)) {
            Ok(text) => Ok(text),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(self.malformed(what, format!("byte {at} is not UTF-8")))
            }
        }
    }

    /// An error that says the answer cannot be used, and why.
    pub(crate) fn malformed(&self, what: &'static str, place: String) -> Error {
        Error::Malformed {
            call: self.call.clone(),
            what,
            place,
            request_id: header(&self.headers, "request-id"),
        }
    }

    /// The header of that name, where it is text.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        header(&self.headers, name)
    }

    /// The error that an answer outside 2xx is.
    pub(super) fn into_error(self, token: &SecretString) -> Error {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or(Value::Null);
        let text = |key: &str| body[key].as_str().map(|text| redact::message(text, token));
        let message = text("message")
            .or_else(|| text("error"))
            .unwrap_or_else(|| self.plain(token));
        Error::from_refusal(Refusal {
            status: self.status,
            id: text("id"),
            message,
            resource: text("resource"),
            url: text("url"),
            request_id: self
                .header("request-id")
                .map(|id| redact::message(&id, token)),
            retry_after: self
                .header("retry-after")
                .and_then(|s| s.parse().ok())
                .map(Duration::from_secs),
            call: self.call,
        })
    }

    /// What to say where the body has no message of the known shapes.
    fn plain(&self, token: &SecretString) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text = text.trim();
        if text.is_empty() {
            return "no message".to_owned();
        }
        // A gateway's HTML page helps nobody; its beginning shows what it is. Masked first: half of
        // a secret is no longer known for one.
        let shown = redact::message(text, token);
        shown.chars().take(200).collect()
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Path, position and kind of a JSON error. The parser's own words quote values, which may be
/// secret: of them only the name of a missing field is passed on.
fn place(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let inner = error.inner();
    let words = inner.to_string();
    let kind = match inner.classify() {
        serde_json::error::Category::Data => match words.split(" at line ").next() {
            Some(words) if words.starts_with("missing field") => words.to_owned(),
            _ => "not the expected kind of value".to_owned(),
        },
        serde_json::error::Category::Eof => "the text ends too early".to_owned(),
        _ => "not JSON".to_owned(),
    };
    format!(
        "{kind} at {} (line {}, column {})",
        error.path(),
        inner.line(),
        inner.column()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        let call = Call {
            method: "GET".into(),
            target: "api.heroku.com/x".into(),
        };
        Answer {
            call,
            status: 200,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Row {
        id: u32,
    }

    #[test]
    fn says_where_without_quoting_values() {
        let error = answer(r#"[{"id":1},{"id":"hush"}]"#)
            .json::<Vec<Row>>("rows")
            .unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("[1].id"), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
        let error = answer(r#"[{"a":1}]"#).json::<Vec<Row>>("rows").unwrap_err();
        assert!(error.to_string().contains("missing field `id`"), "{error}");
    }

    #[test]
    fn refuses_text_cut_short_or_followed_by_more() {
        assert!(answer(r#"[{"id":1"#).json::<Vec<Row>>("rows").is_err());
        assert!(answer("[] []").json::<Vec<Row>>("rows").is_err());
        assert!(answer("<html>").json::<Vec<Row>>("rows").is_err());
    }

    #[test]
    fn takes_the_message_from_every_known_shape() {
        let token = SecretString::from("t");
        for (body, message) in [
            (r#"{"id":"x","message":"A b"}"#, "A b"),
            (r#"{"error":"not found"}"#, "not found"),
            ("", "no message"),
            ("Bad gateway", "Bad gateway"),
        ] {
            let mut answer = answer(body);
            answer.status = 502;
            let error = answer.into_error(&token);
            assert_eq!(error.refusal().unwrap().message, message);
        }
    }
}
