//! `sandbox`: only the servers, for another terminal.

use connect_swap_swap::{Report, Section};
use serde_json::{Map, Value, json};

use super::start::{APP, Stage, refuse_target, start};
use crate::args::{Global, Sandbox};
use crate::error::CliError;
use crate::frame::Frame;
use crate::signals;

const COMMAND: &str = "sandbox";

/// Starts the servers, prints the environment that leads to them, and waits for Ctrl-C.
pub(crate) async fn sandbox(global: Global, args: Sandbox) -> i32 {
    let frame = Frame::new(&global, 1.0);
    frame
        .ui
        .say("starting servers that play Heroku, Connect and Salesforce on this machine");
    let started = match refuse_target(&global) {
        Ok(()) => start(&args.world).await.map_err(CliError::from),
        Err(error) => Err(error),
    };
    match started {
        Ok(stage) => serve(&frame, &stage).await,
        Err(error) => frame.finish(&error.report(COMMAND, APP, ""), None),
    }
}

/// Prints the environment and waits for a signal. The servers end when the stage is dropped.
pub(super) async fn serve(frame: &Frame, stage: &Stage) -> i32 {
    let code = frame.finish(&environment(stage), None);
    frame
        .ui
        .say("paste these lines into another terminal; Ctrl-C here ends the servers");
    signals::wait().await;
    code
}

fn environment(stage: &Stage) -> Report {
    let variables = stage.sandbox.environment();
    let lines = variables
        .iter()
        .map(|(name, value)| format!("export {name}={}", quoted(value)));
    let document: Map<String, Value> = variables
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    Report {
        text: vec![Section::Lines(lines.collect())],
        details: json!({ "environment": document }),
        next: crate::args::command_line(Some("prep"), &format!("--app {APP}")),
        ..Report::new(COMMAND, APP)
    }
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
