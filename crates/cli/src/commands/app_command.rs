//! A command against an app.

use connect_swap_swap::{Pace, Report, Target};

use super::operator::Workplace;
use super::{cleanup, cutover, follow, list, plan, prep, report, rollback, status, verify};
use crate::args::{Command, Global};
use crate::frame::Frame;

/// What a command against an app is given.
pub(crate) struct AppCommand<'a> {
    pub(crate) workplace: &'a Workplace,
    pub(crate) frame: &'a Frame,
    pub(crate) global: &'a Global,
    pub(crate) target: Target,
}

impl AppCommand<'_> {
    /// How hard to copy.
    pub(super) fn pace(&self) -> Pace {
        pace(self.global)
    }
}

/// How hard to copy, by the flags.
pub(crate) fn pace(global: &Global) -> Pace {
    Pace {
        capture_limit: None,
        jobs: global.jobs.map(usize::from),
        throttle: global.throttle,
    }
}

/// Runs it. `None`: list the app's swaps.
///
/// Rehearsals are no commands against an app; they are run by their own module.
pub(crate) async fn run(context: &AppCommand<'_>, command: Option<Command>) -> Option<Report> {
    Some(match command {
        None => list::run(context).await,
        Some(Command::Plan(args)) => plan::run(context, args).await,
        Some(Command::Prep(args)) => prep::run(context, args).await,
        Some(Command::Follow(args)) => follow::run(context, args).await,
        Some(Command::Status(args)) => status::run(context, args).await,
        Some(Command::Cutover(args)) => cutover::run(context, args).await,
        Some(Command::Verify(_)) => verify::run(context).await,
        Some(Command::Rollback(_)) => rollback::run(context).await,
        Some(Command::Cleanup(_)) => cleanup::run(context).await,
        Some(Command::Report(_)) => report::run(context).await,
        Some(Command::Rehearse(_) | Command::Sandbox(_)) => return None,
    })
}
