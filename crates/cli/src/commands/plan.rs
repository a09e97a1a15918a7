//! `plan`.

use connect_swap_swap::{Report, commands};

use super::{AppCommand, prep};
use crate::args::Plan;

pub(super) async fn run(context: &AppCommand<'_>, args: Plan) -> Report {
    let args = prep::wanted(context, args.wanted);
    commands::plan(&context.workplace.operator, &args).await
}
