//! Sets every unmanaged sequence of the new database to where the old one's stands, and none back:
//! before the window they were moved past their columns.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{Purpose, set_sequences};
use serde_json::{Value, json};

use crate::steps::shared::schema;
use crate::trouble::During;
use crate::world::World;

/// Sets the sequences.
pub struct SetSequences;

#[async_trait]
impl Step<World> for SetSequences {
    fn id(&self) -> &'static str {
        "set-sequences"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second".into(),
            undo: "the next attempt sets them anew".into(),
            calls: vec!["SELECT setval(…) of all at once".into()],
            ..world.describe("set the sequences of the new database")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let inventory = schema::old_inventory(world).await?;
        let old = world.old_session(Purpose::ReadOnly).await?;
        let new = world.new_session(Purpose::Work).await?;
        let set = set_sequences(&old, &new, &inventory)
            .await
            .during("setting the sequences")?;
        Ok(json!({ "sequences": set.len() }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        Ok(())
    }
}
