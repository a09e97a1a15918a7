//! Brings over what the app has changed, round after round, until one round is short enough for the
//! window.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::steps::shared::capture::all_followed;
use crate::steps::shared::following::Follower;
use crate::steps::shared::standing;
use crate::words;
use crate::world::World;

/// A round of this many keys, or one that is done in this time, is short enough for the window.
pub(crate) const FEW_KEYS: u64 = 2000;
/// See [`FEW_KEYS`].
const SHORT_SECONDS: f64 = 3.0;
/// So many rounds at the most: each takes a part of the time of the one before, or they never end.
const ROUNDS: u32 = 12;

/// Rounds before the window.
pub struct CatchUp;

/// What they did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CaughtUp {
    /// Rounds.
    pub rounds: u32,
    /// Keys brought over in all of them.
    pub keys: u64,
    /// How long the last one took, in seconds.
    pub last_seconds: f64,
    /// Keys that a second brought over, where that can be told.
    pub keys_per_second: Option<f64>,
}

#[async_trait]
impl Step<World> for CatchUp {
    fn id(&self) -> &'static str {
        "catch-up"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds; longer where the app writes much".into(),
            undo: "it goes with the new database".into(),
            calls: vec![
                "DELETE … RETURNING from the logs; DELETE and COPY … FROM STDIN on the new database"
                    .into(),
            ],
            ..world.describe("bring over what has changed, until little is left")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        standing::before_window(scope)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let mut done = CaughtUp::default();
        until_short(scope, &mut done).await?;
        all_followed(scope.world).await?;
        serde_json::to_value(done)
            .map_err(|error| StepError::failed("the result cannot be written down").because(&error))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // What it brought over is wanted there by the next attempt too; the app does not see it.
        Ok(())
    }
}

/// Rounds until one of them was short, and what they did.
pub(super) async fn until_short(
    scope: &Scope<'_, World>,
    done: &mut CaughtUp,
) -> Result<(), StepError> {
    let mut follower = Follower::new(scope);
    loop {
        let started = scope.clock.now();
        let round = scope.interruptible(follower.round()).await?;
        let seconds = scope.clock.now().duration_since(started).as_secs_f64();
        done.rounds += 1;
        done.keys += round.keys();
        done.last_seconds = seconds;
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = (round.keys() > 0 && seconds > 0.0).then(|| round.keys() as f64 / seconds);
        done.keys_per_second = rate.or(done.keys_per_second);
        scope.progress(Progress::message(format!(
            "{} changed rows brought over in {}",
            round.keys(),
            words::duration(seconds)
        )));
        if round.keys() <= FEW_KEYS || seconds <= SHORT_SECONDS {
            return Ok(());
        }
        if done.rounds >= ROUNDS {
            return Err(StepError::blocked(format!(
                "the app changes rows faster than they can be brought over: the last round brought {} in {}",
                round.keys(),
                words::duration(seconds)
            ))
            .hint("run the same command at a quieter hour, or after stopping bulk jobs"));
        }
    }
}
