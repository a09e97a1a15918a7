//! Proves that both connections are at rest and that nothing slipped in before the pause.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_heroku::connect::Connection;
use serde_json::{Value, json};

use crate::steps::shared::{draining, pausing};
use crate::world::{Side, World};

/// Both connections quiet, nothing pending.
pub struct Settle;

#[async_trait]
impl Step<World> for Settle {
    fn id(&self) -> &'static str {
        "settle"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            calls: vec!["SELECT from _trigger_log; Connect: GET connection".into()],
            ..world.describe("prove that both connections are at rest")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        for _ in 0..ROUNDS {
            loaded(&pausing::pause(scope, Side::New).await?)?;
            pausing::pause(scope, Side::Old).await?;
            let log = draining::old_log(scope.world).await?;
            if log.new + log.pending == 0 {
                return Ok(json!({ "max_id": log.max_id }));
            }
            scope.notice(
                Level::Info,
                format!(
                    "{} writes slipped in before the pause: draining again",
                    log.new + log.pending
                ),
            );
            draining::resume_old(scope).await?;
            draining::drained(scope).await?;
        }
        Err(
            StepError::failed("something keeps writing to the mapped tables of the old database")
                .hint("stop it: see `heroku ps` and `heroku pg:ps`; then run the same command"),
        )
    }
}

/// How often writes may slip in before a person must look.
const ROUNDS: u32 = 4;

/// Paused is not enough on the new side: a table whose load was aborted is not complete.
fn loaded(connection: &Connection) -> Result<(), StepError> {
    match connection
        .mappings
        .iter()
        .find(|mapping| !mapping.state.is_loaded())
    {
        None => Ok(()),
        Some(mapping) => Err(StepError::drifted(format!(
            "{} of the new connection is in state {}, so its table is not complete",
            mapping.object_name, mapping.state
        ))
        .hint("reload it, wait until it is loaded, then run the same command")),
    }
}
