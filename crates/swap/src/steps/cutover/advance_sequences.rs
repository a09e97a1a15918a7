//! Moves the new database's sequences past their columns while the app runs: a column without an
//! index is read whole for that.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{Purpose, advance_sequences};
use serde_json::{Value, json};

use crate::steps::shared::{schema, standing};
use crate::trouble::During;
use crate::world::World;

/// Sequences past what their columns hold.
pub struct AdvanceSequences;

#[async_trait]
impl Step<World> for AdvanceSequences {
    fn id(&self) -> &'static str {
        "advance-sequences"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds; longer where a large table's column has no index".into(),
            undo: "the next attempt sets them anew".into(),
            calls: vec![
                "SELECT max(column) of each on the old, setval(…) on the new database".into(),
            ],
            ..world.describe("move the sequences of the new database past what their columns hold")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        standing::before_window(scope)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let inventory = schema::old_inventory(world).await?;
        let old = world.old_session(Purpose::ReadOnly).await?;
        let new = world.new_session(Purpose::Work).await?;
        let advancing = async {
            advance_sequences(&old, &new, &inventory)
                .await
                .during("moving the sequences past their columns")
        };
        let set = scope.interruptible(advancing).await?;
        let past = set.iter().filter(|one| one.beyond_old).count();
        Ok(json!({ "sequences": set.len(), "past_their_column": past }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // The app does not see it.
        Ok(())
    }
}
