//! Carries schema changes over that were deployed since prep, while the app still runs.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{Part, Purpose, compare_definitions};
use serde_json::Value;

use crate::steps::shared::{schema, standing};
use crate::trouble::During;
use crate::world::World;

/// Brings the new schema up to date once more.
pub struct RefreshSchema;

#[async_trait]
impl Step<World> for RefreshSchema {
    fn id(&self) -> &'static str {
        "refresh-schema"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            undo: "it goes with the new database".into(),
            calls: vec!["pg_dump --schema-only, filtered, into pg_restore".into()],
            ..world.describe("carry schema changes over that came since prep")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        standing::before_window(scope)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        schema::retract(world).await?;
        let carried = schema::carry(scope, Part::BeforeWindow).await?;
        let inventory = schema::old_inventory(world).await?;
        let old = world.old_session(Purpose::ReadOnly).await?;
        let new = world.new_session(Purpose::ReadOnly).await?;
        let differences = compare_definitions(&old, &new, &inventory, Part::BeforeWindow)
            .await
            .during("comparing the definitions of both databases")?;
        if differences.is_empty() {
            return Ok(carried);
        }
        let mut error = StepError::drifted(format!(
            "{} definitions of the old database changed since prep in a way that cannot be carried over again",
            differences.len()
        ))
        .hint("make the same change in the new database, or abandon this swap with cleanup and begin again");
        error.causes = differences
            .iter()
            .take(20)
            .map(ToString::to_string)
            .collect();
        Err(error)
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // What it made is wanted there by the next attempt too; the app does not see it.
        Ok(())
    }
}
