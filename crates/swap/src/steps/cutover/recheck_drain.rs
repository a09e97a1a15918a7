//! Looks at the trigger logs once more behind the fence: nothing can be added any more.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{Purpose, trigger_log};
use serde_json::{Value, json};

use super::AppState;
use crate::steps::shared::behind::behind;
use crate::steps::shared::draining;
use crate::trouble::During;
use crate::world::World;

/// Proves that nothing is left to send.
pub struct RecheckDrain;

#[async_trait]
impl Step<World> for RecheckDrain {
    fn id(&self) -> &'static str {
        "recheck-drain"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second".into(),
            calls: vec!["SELECT from _trigger_log".into()],
            ..world.describe("prove behind the fence that nothing is left to send")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let old = draining::old_log(world).await?;
        if old.new + old.pending > 0 {
            return Err(StepError::failed(format!(
                "{} writes came between the pause and the fence and are not in Salesforce yet",
                old.new + old.pending
            ))
            .hint("stop what writes to the mapped tables, then run the same command again"));
        }
        let before: AppState = scope.output("record-state")?;
        let session = world.old_session(Purpose::ReadOnly).await?;
        let now = behind(&session, world).await?;
        // The log is empty: nothing is on its way any more, so the numbers are final.
        if let Some((what, code)) = now.beyond(&before.behind) {
            return Err(StepError::failed(format!(
                "{what}: they would stay behind in the old database"
            ))
            .hint("see heroku connect:write-errors; mend them, then run the same command again")
            .hint(format!("or accept the loss: run it with --ack {code}")));
        }
        let session = world.new_session(Purpose::ReadOnly).await?;
        let new = trigger_log(&session, world.schema())
            .await
            .during("reading the new trigger log")?;
        if new.new + new.pending > 0 {
            return Err(StepError::failed(
                "somebody wrote to mapped tables of the new database",
            ));
        }
        Ok(json!({ "old_max_id": old.max_id, "new_max_id": new.max_id }))
    }
}
