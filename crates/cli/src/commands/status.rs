//! `status`.

use std::time::Duration;

use connect_swap_swap::{ExitCode, Report, commands};

use super::AppCommand;
use crate::args::Status;

pub(super) async fn run(context: &AppCommand<'_>, args: Status) -> Report {
    let look = || commands::status(&context.workplace.operator, &context.target);
    let mut report = look().await;
    // Ends with Ctrl-C, or with the first look that fails: it would fail again.
    while args.watch && report.exit == ExitCode::Ok {
        context.frame.interim(&report);
        let pause = Duration::from_secs(context.global.wait_interval);
        context.frame.clock.sleep(pause).await;
        report = look().await;
    }
    report
}
