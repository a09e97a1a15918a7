//! Puts the capture triggers in place: from here on every change of the app to a table that Connect
//! does not own is known.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::Value;

use crate::steps::shared::capture;
use crate::world::World;

/// Capture in the old database.
pub struct StartCapture;

#[async_trait]
impl Step<World> for StartCapture {
    fn id(&self) -> &'static str {
        "start-capture"
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
                "each statement that writes to such a table also writes the keys of its rows into a log"
                    .into(),
                "a table that is written to all the time is locked for less than half a second".into(),
            ],
            takes: "seconds; longer where a table is in use by a long transaction".into(),
            undo: "cleanup takes triggers and logs away again".into(),
            calls: vec![
                "CREATE TABLE, CREATE FUNCTION in schema connect_swap; CREATE TRIGGER on each unmanaged table"
                    .into(),
            ],
            ..world.describe(format!(
                "note in {} which rows change from now on (triggers)",
                world.subject.old.database.name
            ))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let started = capture::install(scope).await?;
        serde_json::to_value(started)
            .map_err(|error| StepError::failed("the result cannot be written down").because(&error))
    }
}
