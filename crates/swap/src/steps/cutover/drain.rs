//! Waits until everything the app wrote has reached Salesforce.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::draining;
use crate::world::World;

/// Drains the old trigger log.
pub struct Drain;

#[async_trait]
impl Step<World> for Drain {
    fn id(&self) -> &'static str {
        "drain"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds to minutes, by what is pending".into(),
            calls: vec!["SELECT from _trigger_log; Connect: GET connection".into()],
            ..world.describe("wait until the app's last writes have reached Salesforce")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        // A resumed run may find the old connection paused already, and then nothing drains.
        draining::run_again_where_needed(scope).await?;
        let log = draining::drained(scope).await?;
        Ok(json!({ "max_id": log.max_id }))
    }
}
