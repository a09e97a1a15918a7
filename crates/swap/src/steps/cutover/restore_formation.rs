//! Puts the formation back exactly as it was.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::AppState;
use crate::steps::shared::formation;
use crate::world::World;

/// Formation back: types, quantities, sizes.
pub struct RestoreFormation;

#[async_trait]
impl Step<World> for RestoreFormation {
    fn id(&self) -> &'static str {
        "restore-formation"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "from here on the app writes to the new database; rollback is no longer possible"
                    .into(),
            ],
            takes: "a second; booting takes longer".into(),
            undo: "none: the app writes to the new database".into(),
            calls: vec![format!("PATCH /apps/{}/formation", world.subject.app)],
            ..world.describe("start the dynos again, exactly as they were")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // Done once is done: somebody may have scaled the app since, and that stands.
        let once = scope.own_output::<Value>()?.is_some();
        let state: AppState = scope.output("record-state")?;
        Ok(if once || formation::is_as(scope.world, &state).await? {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let state: AppState = scope.output("record-state")?;
        formation::update(scope.world, &state.restoring()).await?;
        Ok(json!({}))
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let state: AppState = scope.output("record-state")?;
        if formation::is_as(scope.world, &state).await? {
            return Ok(());
        }
        Err(StepError::failed("the formation is not as it was"))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        formation::by_hand(scope)
    }
}
