//! Starts the dynos again, on the old database.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::back::app_is_up;
use crate::steps::cutover::AppState;
use crate::steps::shared::formation;
use crate::world::World;

/// Formation back.
pub struct StartDynos;

#[async_trait]
impl Step<World> for StartDynos {
    fn id(&self) -> &'static str {
        "start-dynos"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second; booting takes longer".into(),
            undo: "heroku ps:scale".into(),
            calls: vec![format!("PATCH /apps/{}/formation", world.subject.app)],
            ..world.describe("start the dynos again, exactly as they were")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let state: AppState = scope.output("record-state")?;
        // Somebody may have scaled the app since, and that stands.
        let done = app_is_up(scope) || formation::is_as(scope.world, &state).await?;
        Ok(if done {
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

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        formation::by_hand(scope)
    }
}
