//! `cutover`.

use connect_swap_swap::{CutoverArgs, Report, commands};

use super::AppCommand;
use crate::args::Cutover;

pub(super) async fn run(context: &AppCommand<'_>, args: Cutover) -> Report {
    let args = CutoverArgs {
        pace: context.pace(),
        acks: context.global.ack.clone(),
        max_downtime: args.max_downtime,
        refresh_in_window: args.refresh_in_window,
        target: context.target.clone(),
    };
    commands::cutover(&context.workplace.operator, &args).await
}
