//! `follow`.

use connect_swap_swap::{FollowArgs, Report, commands};

use super::AppCommand;
use crate::args::Follow;

pub(super) async fn run(context: &AppCommand<'_>, args: Follow) -> Report {
    let args = FollowArgs {
        target: context.target.clone(),
        every: args.every,
        once: args.once,
    };
    commands::follow(&context.workplace.operator, &args).await
}
