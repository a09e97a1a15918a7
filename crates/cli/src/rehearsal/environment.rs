//! The environment that leads another terminal to a rehearsal's servers.

use connect_swap_sandbox::Sandbox;
use connect_swap_swap::{Report, Section};
use serde_json::{Map, Value, json};

use crate::frame::Frame;
use crate::signals::Ending;

/// Adds it to a report: lines to paste, and `details.environment` for a program.
pub(super) fn add_environment(report: &mut Report, sandbox: &Sandbox) {
    let variables = sandbox.environment();
    let lines = variables
        .iter()
        .map(|(name, value)| format!("export {name}={}", quoted(value)));
    report.text.push(Section::Lines(lines.collect()));
    let document: Map<String, Value> = variables
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    if !report.details.is_object() {
        report.details = json!({});
    }
    report.details["environment"] = Value::Object(document);
}

/// Keeps the servers until a signal comes; they end when the stage is dropped.
pub(super) async fn keep(frame: &Frame, ending: Ending) {
    frame
        .ui
        .say("paste these lines into another terminal; Ctrl-C here ends the servers");
    ending.signalled().await;
}

/// A word for any shell.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_one_word_each() {
        assert_eq!(quoted("http://127.0.0.1:1"), "'http://127.0.0.1:1'");
        assert_eq!(quoted("a'b c"), r"'a'\''b c'");
    }
}
