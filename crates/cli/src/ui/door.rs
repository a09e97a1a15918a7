//! The one way of text to the terminal: without secrets, without commands to the terminal.
//!
//! Whoever writes a line has cleaned what came from outside already. This is for what somebody will
//! forget.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::escape;
use crate::redact::Redactor;

/// Cleans everything that passes. Clones share what they know.
#[derive(Debug, Clone, Default)]
pub(super) struct Door(Arc<OnceLock<Redactor>>);

impl Door {
    /// Tells it the secrets of this run, once they are known.
    pub(super) fn learn(&self, secrets: Redactor) {
        // A second one would be of the same run.
        let _ = self.0.set(secrets);
    }

    /// Text as it may be shown.
    pub(super) fn text(&self, text: &str) -> String {
        escape::screen(&self.secrets().clean(text))
    }

    /// A document on one line.
    pub(super) fn compact(&self, document: Value) -> String {
        escape::json(&self.secrets().clean_value(document).to_string())
    }

    /// A document on several lines.
    pub(super) fn pretty(&self, document: Value) -> String {
        let clean = self.secrets().clean_value(document);
        // A value that was parsed or built can be written.
        escape::json(&serde_json::to_string_pretty(&clean).unwrap_or_default())
    }

    fn secrets(&self) -> Redactor {
        self.0.get().cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_and_commands_stay_behind_the_door() {
        let door = Door::default();
        door.clone()
            .learn(Redactor::new(Some("HRKU-12345678".into())));
        let text =
            "HRKU-12345678 postgres://u:p\"w@h \u{1b}[2J \u{9b}2J\u{202e} \u{1b}[1mbold\u{1b}[0m";
        assert_eq!(
            door.text(text),
            "[redacted] postgres://u:[redacted]@h \\u{1b}[2J \\u{9b}2J\\u{202e} \u{1b}[1mbold\u{1b}[0m"
        );
        let document = json!({ "HRKU-12345678": [text, 1.50] });
        for written in [door.compact(document.clone()), door.pretty(document)] {
            assert!(
                !written.contains("HRKU") && !written.contains("p\\\"w"),
                "{written}"
            );
            assert!(
                !written.contains(['\u{1b}', '\u{9b}', '\u{202e}']),
                "{written}"
            );
        }
    }
}
