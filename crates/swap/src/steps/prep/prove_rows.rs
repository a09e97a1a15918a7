//! Brings the changes since the first copy over and compares every row, in one snapshot of the
//! running old database.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::following::round_and_compare;
use crate::world::World;

/// The first proof.
pub struct ProveRows;

#[async_trait]
impl Step<World> for ProveRows {
    fn id(&self) -> &'static str {
        "prove-rows"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "by their size, about as long as the copy".into(),
            undo: "it goes with the new database".into(),
            calls: vec![
                "DELETE … RETURNING from the logs; DELETE and COPY … FROM STDIN on the new database"
                    .into(),
                "SELECT count(*), checksum on both".into(),
            ],
            ..world.describe("bring over what has changed since, and compare all copied rows")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let proving = round_and_compare(scope);
        let (round, compared) = scope.interruptible(proving).await?;
        Ok(json!({
            "tables": compared.tables.len(),
            "changed_keys": round.keys(),
            "stale": round.stale,
            "at": scope.clock.now(),
        }))
    }
}
