//! `sandbox`: only the servers, for another terminal.

use connect_swap_swap::Report;

use super::environment::{add_environment, keep};
use super::start::{APP, refuse_target, start};
use crate::args::{Global, Sandbox};
use crate::error::CliError;
use crate::frame::Frame;
use crate::signals::Ending;

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
    let stage = match started {
        Ok(stage) => stage,
        Err(error) => return frame.finish(&error.report(COMMAND, APP, ""), None),
    };
    let mut report = Report {
        next: crate::args::command_line(Some("prep"), &format!("--app {APP}")),
        ..Report::new(COMMAND, APP)
    };
    add_environment(&mut report, &stage.sandbox);
    let ending = Ending::from_now_on();
    let code = frame.finish(&report, None);
    keep(&frame, ending).await;
    code
}
