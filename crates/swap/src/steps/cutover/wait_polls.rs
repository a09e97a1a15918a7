//! Waits until the new database has what the app wrote last, so that users find it there.
//!
//! Behind the drain these rows are in Salesforce, and reach the new database as Salesforce streams
//! them, or by a poll, at the polling interval of each mapping. Connect documents no way to ask for a
//! poll at once: a reload loads the whole table. Without this wait a record that a user entered in the
//! last minutes would be missing until the first poll after the window, and entered again; and the
//! app's own triggers, which are made in the window, would fire for it a second time.
//!
//! The rows themselves tell, or else a poll that began after everything was sent.

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::connect::{Connection, ConnectionState, Mapping};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::steps::shared::arrivals::Arrivals;
use crate::steps::shared::polling::Polls;
use crate::words;
use crate::world::{Side, World, spare_time};

/// The new tables hold the app's last writes.
pub struct WaitPolls;

#[async_trait]
impl Step<World> for WaitPolls {
    fn id(&self) -> &'static str {
        "wait-polls"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "up to one polling interval of the mappings that the app writes to".into(),
            calls: vec![
                "Connect: GET connection; SELECT of the rows written last, on both databases"
                    .into(),
            ],
            ..world.describe("wait until the new database has what the app has written last")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // Paused again by this very run: nothing more is going to be polled.
        let new = scope.world.connection(Side::New).await?;
        Ok(match scope.own_output::<Value>()? {
            Some(before) if new.state == ConnectionState::Paused => Observation::Done(before),
            _ => Observation::Ready,
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let old = world.connection(Side::Old).await?;
        let first = world.connection(Side::New).await?;
        let arrivals = Arrivals::until_now(world, &old, &first).await;
        let mut polls = Polls::since_sent(old);
        let longest = bound(&polls.lacking(&first));
        let seen = Mutex::new((polls, arrivals));
        let patience = spare_time(scope)?.map_or(longest, |spare| spare.min(longest));
        let started = scope.clock.now();
        let wait = world.wait(
            "what the app wrote last to be in the new database",
            longest * 2,
            "see the dashboard",
        );
        let late = scope
            .wait_for(&wait, async || {
                let now = world.reread(&first).await?;
                if now.state.is_error() {
                    return Err(StepError::failed(format!(
                        "the new connection is in state {} and polls nothing",
                        now.state
                    )));
                }
                let (polls, arrivals) = &mut *seen.lock().await;
                let lacking = arrivals.lacking(world, polls.lacking(&now)).await;
                scope.progress(Progress::message(progress(&lacking)));
                let waited = scope.clock.now().duration_since(started).unsigned_abs();
                let over = waited >= patience || now.state == ConnectionState::Paused;
                Ok((lacking.is_empty() || over).then(|| tell(scope, &now, &lacking, waited)))
            })
            .await?;
        Ok(json!({ "late": late }))
    }
}

/// How long a poll may take once it is due, before it is waited for no longer.
pub(crate) const POLL_TAKES: Duration = Duration::from_secs(120);

/// How long the longest of these polls may be waited for.
fn bound(lacking: &[&Mapping]) -> Duration {
    longest_interval(lacking).unwrap_or_default() + POLL_TAKES
}

fn longest_interval(mappings: &[&Mapping]) -> Option<Duration> {
    mappings
        .iter()
        .map(|mapping| mapping.polling_interval())
        .max()
}

fn progress(lacking: &[&Mapping]) -> String {
    match longest_interval(lacking) {
        None => "everything the app wrote is there".to_owned(),
        Some(interval) => format!(
            "{} not there yet; polled once in {}",
            names(lacking).join(", "),
            words::duration(interval.as_secs_f64())
        ),
    }
}

fn names(mappings: &[&Mapping]) -> Vec<String> {
    mappings
        .iter()
        .map(|mapping| mapping.object_name.clone())
        .collect()
}

/// Nothing is lost by a poll that comes later, so the window is not taken back for it; but what users
/// may see has to be known.
fn tell(
    scope: &Scope<'_, World>,
    new: &Connection,
    lacking: &[&Mapping],
    waited: Duration,
) -> Vec<String> {
    let late = names(lacking);
    let Some(interval) = longest_interval(lacking) else {
        return late;
    };
    let why = match new.state {
        ConnectionState::Paused => "it is paused".to_owned(),
        _ => format!("waited {}", words::duration(waited.as_secs_f64())),
    };
    scope.notice(
        Level::Warning,
        format!(
            "the new connection has not polled {} since the app's last writes ({why}): what the app wrote \
             there in its last minutes may be missing until about {} after the window. Nothing is lost, but \
             users may enter it again, and your own triggers fire once more when it arrives",
            late.join(", "),
            words::duration(interval.as_secs_f64()),
        ),
    );
    late
}
