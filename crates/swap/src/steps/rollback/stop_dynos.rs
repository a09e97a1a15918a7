//! Keeps the app closed while it moves back: maintenance on, no dyno.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::back::app_is_up;
use crate::steps::cutover::AppState;
use crate::steps::shared::formation;
use crate::trouble::During;
use crate::world::World;

/// Maintenance on, formation at 0.
pub struct StopDynos;

#[async_trait]
impl Step<World> for StopDynos {
    fn id(&self) -> &'static str {
        "stop-dynos"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second".into(),
            undo: "the last steps of the rollback".into(),
            calls: vec![format!(
                "PATCH /apps/{0}, PATCH /apps/{0}/formation",
                world.subject.app
            )],
            ..world.describe("keep the app in maintenance, with no dyno, while it moves back")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(match app_is_up(scope) {
            true => Observation::Done(json!({})),
            false => Observation::Ready,
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let app = &scope.world.subject.app;
        let platform = scope.world.heroku.platform();
        platform
            .set_maintenance(app, true)
            .await
            .during("turning maintenance mode on")?;
        let state: AppState = scope.output("record-state")?;
        formation::update(scope.world, &state.stopping()).await?;
        Ok(json!({}))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        vec![format!(
            "heroku maintenance:on -a {}",
            scope.world.subject.app
        )]
    }
}
