//! `status`.

use std::time::Duration;

use connect_swap_swap::{ExitCode, Problem, Report, commands};

use super::AppCommand;
use crate::args::Status;
use crate::run::again;

const NAME: &str = "status";

pub(super) async fn run(context: &AppCommand<'_>, args: Status) -> Report {
    match args.watch {
        true => watch(context).await,
        false => look(context).await,
    }
}

async fn look(context: &AppCommand<'_>) -> Report {
    commands::status(&context.workplace.operator, &context.target).await
}

/// Looks until a signal comes, or until the first look that fails: it would fail again. The last
/// look is the result.
async fn watch(context: &AppCommand<'_>) -> Report {
    let frame = context.frame;
    let pause = Duration::from_secs(context.global.wait_interval);
    let mut last = None;
    loop {
        let report = tokio::select! {
            report = look(context) => report,
            () = frame.control.interrupted() => {
                return last.unwrap_or_else(|| stopped(context));
            }
        };
        if report.exit != ExitCode::Ok {
            return report;
        }
        frame.interim(&report);
        // A person has read its text by then.
        let shown = Report {
            text: Vec::new(),
            ..report
        };
        tokio::select! {
            () = frame.clock.sleep(pause) => last = Some(shown),
            () = frame.control.interrupted() => return shown,
        }
    }
}

/// The end before the first look was done.
fn stopped(context: &AppCommand<'_>) -> Report {
    let app = context.target.app.as_str();
    let problem = Problem {
        message: "stopped before the first look was done".to_owned(),
        causes: Vec::new(),
        app_state: "nothing was changed".to_owned(),
        hints: Vec::new(),
        by_hand: Vec::new(),
    };
    Report {
        state: "unknown".to_owned(),
        next: again(Some(NAME), app),
        error: Some(problem),
        exit: ExitCode::Unexpected,
        ..Report::new(NAME, app)
    }
}
