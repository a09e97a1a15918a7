//! `verify`.

use connect_swap_swap::{Report, commands};

use super::AppCommand;

pub(super) async fn run(context: &AppCommand<'_>) -> Report {
    commands::verify(&context.workplace.operator, &context.target).await
}
