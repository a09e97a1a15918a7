//! Takes triggers, functions and logs out of the old database, which stays.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_postgres::{Purpose, remove_capture};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::World;

/// The end of the capture.
pub struct RemoveCapture;

#[async_trait]
impl Step<World> for RemoveCapture {
    fn id(&self) -> &'static str {
        "remove-capture"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "a table that is written to all the time is locked for less than half a second".into(),
            ],
            takes: "seconds; longer where a table is in use by a long transaction".into(),
            undo: "none needed".into(),
            calls: vec![
                "DROP TRIGGER on each unmanaged table; DROP FUNCTION, DROP TABLE in schema connect_swap"
                    .into(),
            ],
            ..world.describe(format!(
                "take the capture triggers and their logs out of {}",
                world.subject.old.database.name
            ))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // Triggers may be left where the table that remembers them is gone.
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let session = scope.world.old_session(Purpose::Work).await?;
        let waiting = |who: &str| {
            scope.notice(
                Level::Info,
                format!("a table is in use; waiting for its transaction to end: {who}"),
            );
        };
        let removing = async {
            remove_capture(&session, waiting)
                .await
                .during("taking the capture triggers away")
        };
        scope.interruptible(removing).await?;
        Ok(json!({ "captured": false }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        Ok(())
    }
}
