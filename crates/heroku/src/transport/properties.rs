//! Answers of any bytes and headers: no panic, words that a terminal can take, bounded waits.

use std::time::Duration;

use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use super::answer::Answer;
use super::budget::Budget;
use super::request::Effect;
use super::retry::{Attempts, Patience};
use crate::redact;
use crate::refusal::Call;

const TOKEN: &str = "HRKU-0123456789abcdef";

fn answer(status: u16, headers: &[(&'static str, Vec<u8>)], body: Vec<u8>) -> Answer {
    let headers: HeaderMap = headers
        .iter()
        .filter_map(|(name, value)| {
            let value = HeaderValue::from_bytes(value).ok()?;
            Some((HeaderName::from_static(name), value))
        })
        .collect();
    Answer {
        call: Call {
            method: "GET".into(),
            target: "api.heroku.com/x".into(),
        },
        status,
        headers,
        body,
    }
}

fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

/// Bytes, text, and beginnings of JSON.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        ".{0,200}".prop_map(String::into_bytes),
        "\\{\"(message|error|id)\": ?\"[^\"]{0,40}(HRKU-0123456789abcdef)?[^\"]{0,9}\"\\}?"
            .prop_map(String::into_bytes),
        "[\\[{\"0-9eE.,:}\\]-]{0,80}".prop_map(String::into_bytes),
    ]
}

fn any_header() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "(id|version) .{0,10}\\.\\.; max=[0-9]{0,30}".prop_map(String::into_bytes),
        "-?[0-9]{0,30}".prop_map(String::into_bytes),
        "HRKU-0123456789abcdef".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn a_refusal_is_told_in_harmless_words(
        status in 300_u16..600, body in any_body(), id in any_header(), after in any_header()
    ) {
        let headers = [("request-id", id), ("retry-after", after)];
        let error = answer(status, &headers, body).into_error(&SecretString::from(TOKEN));
        let told = error.to_string();
        prop_assert!(is_harmless(&told) && !told.contains(TOKEN), "{told}");
        prop_assert!(told.chars().count() < 12_000);
        let mut attempts = Attempts::new(Patience::Long);
        let call = || Call { method: "GET".into(), target: "x".into() };
        let mut tried = 0;
        while let Some(retry) = attempts.next(call(), &error, Effect::Read) {
            tried += 1;
            prop_assert!(retry.wait <= Duration::from_secs(120) && tried < 16);
        }
    }

    #[test]
    fn an_answer_is_read_or_refused(body in any_body()) {
        let read = answer(200, &[], body.clone()).json::<serde_json::Value>("anything");
        prop_assert_eq!(read.is_ok(), serde_json::from_slice::<serde_json::Value>(&body).is_ok());
        if let Err(error) = read {
            prop_assert!(is_harmless(&error.to_string()), "{error}");
        }
        let text = answer(200, &[], body.clone()).text("anything");
        prop_assert_eq!(text.ok(), String::from_utf8(body).ok());
    }

    #[test]
    fn the_next_range_is_what_a_header_may_hold(value in any_header()) {
        if let Some(next) = answer(206, &[("next-range", value)], Vec::new()).header("next-range") {
            // It goes back as it came: as a header it must be possible, and nothing but one.
            prop_assert!(HeaderValue::from_str(&next).is_ok());
            prop_assert!(!next.contains(['\r', '\n']));
        }
    }

    #[test]
    fn the_budget_never_makes_a_request_wait_for_long(value in any_header()) {
        let budget = Budget::new();
        budget.note(String::from_utf8(value).ok());
        prop_assert!(budget.pace() <= Duration::from_secs(2));
    }

    #[test]
    fn a_message_is_harmless_and_bounded(text in "(?s).{0,400}", token in ".{8,20}") {
        let shown = redact::message(&text, &SecretString::from(token.as_str()));
        prop_assert!(is_harmless(&shown), "{shown}");
        prop_assert!(shown.chars().count() <= 2_000 * 9 + 1);
    }
}
