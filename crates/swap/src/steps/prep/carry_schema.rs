//! Carries everything Connect does not own over to the new database, but for rows and triggers.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::Part;
use serde_json::Value;

use crate::steps::shared::schema;
use crate::world::World;

/// Carries the unmanaged schema objects; custom triggers and rows follow in the window.
pub struct CarrySchema;

#[async_trait]
impl Step<World> for CarrySchema {
    fn id(&self) -> &'static str {
        "carry-schema"
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
                "indexes of your own on mapped tables are built while Connect loads into them"
                    .into(),
            ],
            takes: "seconds to minutes".into(),
            undo: "it goes with the new database".into(),
            calls: vec!["pg_dump --schema-only, filtered, into pg_restore".into()],
            ..world.describe(
                "carry tables, views, functions, types, sequences and indexes over, without rows",
            )
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        schema::carry(scope, Part::BeforeWindow).await
    }
}
