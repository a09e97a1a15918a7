//! Makes what must wait for the rows: foreign keys, custom triggers, rules, materialized views.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::Part;
use serde_json::Value;

use crate::steps::shared::schema;
use crate::world::World;

/// Foreign keys, triggers and what follows the rows.
pub struct CarryWindowSchema;

#[async_trait]
impl Step<World> for CarryWindowSchema {
    fn id(&self) -> &'static str {
        "carry-window-schema"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds, and longer where materialized views are filled".into(),
            undo: "they are dropped again from the new database".into(),
            calls: vec!["pg_restore of the filtered archive; REFRESH MATERIALIZED VIEW".into()],
            ..world.describe("make foreign keys and custom triggers on the new database")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        schema::carry(scope, Part::InWindow).await
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        schema::retract(scope.world).await
    }

    fn by_hand(&self, _scope: &Scope<'_, World>) -> Vec<String> {
        vec!["nothing: the app does not use the new database; cleanup destroys it".into()]
    }
}
