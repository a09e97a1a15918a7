//! What each command does: its arguments turned into a call of the domain.

mod app_command;
mod cleanup;
mod cutover;
mod follow;
mod list;
mod operator;
mod plan;
mod prep;
mod report;
mod rollback;
mod status;
mod verify;

pub(crate) use app_command::{AppCommand, pace, run};
#[cfg(feature = "sandbox")]
pub(crate) use operator::Workplace;
pub(crate) use operator::{Command, workplace};
