//! Waits until the old connection has sent everything the app wrote.
//!
//! The log itself is asked, not only Connect's counts, which it renews when it polls. Two looks
//! must agree, and the log is looked at again after the pause and after the fence: so nothing has
//! to be believed of the time between two polls.

use std::time::Duration;

use connect_swap_engine::{Progress, Scope, StepError};
use connect_swap_heroku::connect::ConnectionState;
use connect_swap_postgres::{Purpose, TriggerLog, trigger_log};

use crate::trouble::During;
use crate::world::{Side, World};

/// Writes to Salesforce go one after the other; a backlog can take long.
const BOUND: Duration = Duration::from_secs(30 * 60);

/// The old database's trigger log now.
pub(crate) async fn old_log(world: &World) -> Result<TriggerLog, StepError> {
    let session = world.old_session(Purpose::ReadOnly).await?;
    trigger_log(&session, world.schema())
        .await
        .during("reading the old trigger log")
}

/// Waits until no write is pending, in two looks that agree.
pub(crate) async fn drained(scope: &Scope<'_, World>) -> Result<TriggerLog, StepError> {
    let world = scope.world;
    let session = world.old_session(Purpose::ReadOnly).await?;
    let before = tokio::sync::Mutex::new(None);
    let wait = world.wait(
        "the app's last writes to reach Salesforce",
        BOUND,
        "see `heroku connect:write-errors`; is the old connection running?",
    );
    scope
        .wait_for(&wait, async || {
            let log = trigger_log(&session, world.schema())
                .await
                .during("reading the old trigger log")?;
            let connection = world.connection(Side::Old).await?;
            if connection.state.is_error() {
                return Err(StepError::failed(format!(
                    "the old connection is in state {} and sends nothing",
                    connection.state
                )));
            }
            let waiting = log.new + log.pending;
            let counted: u64 = connection
                .mappings
                .iter()
                .filter_map(|mapping| mapping.counts.pending)
                .sum();
            let writing = connection
                .mappings
                .iter()
                .any(|mapping| mapping.actively_writing);
            scope.progress(Progress::message(format!(
                "{waiting} writes in the log, {counted} pending by Connect's count{}",
                if writing { ", writing" } else { "" }
            )));
            let quiet = waiting == 0 && counted == 0 && !writing;
            let mut before = before.lock().await;
            let agreed = quiet && *before == Some(log.max_id);
            *before = quiet.then_some(log.max_id);
            Ok(agreed.then_some(log))
        })
        .await
}

/// Lets the old connection run again in the window. Behind the fence it could not write down what
/// Salesforce answers, and would stop with an error: so the fence goes first.
pub(crate) async fn resume_old(scope: &Scope<'_, World>) -> Result<(), StepError> {
    super::fencing::lift_where_up(scope).await?;
    super::pausing::resume(scope, Side::Old).await
}

/// Lets the old connection run where a resumed run finds it paused while writes wait.
pub(crate) async fn run_again_where_needed(scope: &Scope<'_, World>) -> Result<(), StepError> {
    let log = old_log(scope.world).await?;
    let connection = scope.world.connection(Side::Old).await?;
    if log.new + log.pending > 0 && connection.state == ConnectionState::Paused {
        resume_old(scope).await?;
    }
    Ok(())
}
