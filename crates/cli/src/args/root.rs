//! The commands.

use clap::{ArgAction, Parser, Subcommand};

use super::{
    Cleanup, Cutover, Follow, Global, Plan, Prep, Rehearse, Report, Rollback, Sandbox, Status,
    Verify,
};

/// add columns to large Heroku Connect mappings without stopping the sync
///
/// Builds a second Heroku Postgres database and a second Heroku Connect add-on beside the live
/// ones, waits until they have loaded everything, then moves the app over in a short window.
/// Without a command: the app's swaps and what each of them waits for.
#[derive(Debug, Parser)]
#[command(name = "connect-swap", version, max_term_width = 100)]
#[command(
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// The command; without one, the app's swaps are listed.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// show the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub version: Option<bool>,
}

/// One command. The help text of each is that of its arguments.
#[derive(Debug, Subcommand)]
#[expect(
    missing_docs,
    reason = "a variant's doc comment would replace the help of its arguments"
)]
pub enum Command {
    Plan(Plan),
    Prep(Prep),
    Follow(Follow),
    Status(Status),
    Cutover(Cutover),
    Verify(Verify),
    Rollback(Rollback),
    Cleanup(Cleanup),
    Report(Report),
    Rehearse(Rehearse),
    Sandbox(Sandbox),
}

impl Command {
    /// The command's name, as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Prep(_) => "prep",
            Self::Follow(_) => "follow",
            Self::Status(_) => "status",
            Self::Cutover(_) => "cutover",
            Self::Verify(_) => "verify",
            Self::Rollback(_) => "rollback",
            Self::Cleanup(_) => "cleanup",
            Self::Report(_) => "report",
            Self::Rehearse(_) => "rehearse",
            Self::Sandbox(_) => "sandbox",
        }
    }

    /// Whether the command changes nothing anywhere, so that it may be stopped at any moment.
    pub fn is_read_only(&self) -> bool {
        matches!(
            self,
            Self::Plan(_) | Self::Status(_) | Self::Verify(_) | Self::Report(_)
        )
    }
}
