//! Takes foreign keys and custom triggers off the new database again.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::schema;
use crate::world::World;

/// The new database as prep left it.
pub struct RetractWindow;

#[async_trait]
impl Step<World> for RetractWindow {
    fn id(&self) -> &'static str {
        "retract-window"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            undo: "another cutover makes them again".into(),
            calls: vec!["DROP TRIGGER, DROP CONSTRAINT on the new database".into()],
            ..world.describe("take foreign keys and custom triggers off the new database again")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        schema::retract_if_there(scope.world).await?;
        Ok(json!({}))
    }
}
