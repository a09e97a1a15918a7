//! A build without the rehearsal's servers says so.

use crate::args::{Global, Rehearse, Sandbox};
use crate::error::CliError;
use crate::frame::Frame;

pub(crate) async fn rehearse(global: Global, _args: Rehearse) -> i32 {
    refuse(&global, "rehearse")
}

pub(crate) async fn sandbox(global: Global, _args: Sandbox) -> i32 {
    refuse(&global, "sandbox")
}

fn refuse(global: &Global, command: &str) -> i32 {
    let report = CliError::NoSandbox.report(command, "", "");
    Frame::new(global, 1.0).finish(&report, None)
}
