//! Waits until the dynos are up on the old database.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::back::app_is_up;
use crate::steps::cutover::AppState;
use crate::steps::shared::formation;
use crate::world::World;

/// Dynos up.
pub struct DynosUp;

#[async_trait]
impl Step<World> for DynosUp {
    fn id(&self) -> &'static str {
        "dynos-up"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "as long as your app boots, 15 minutes at most".into(),
            calls: vec![format!("GET /apps/{}/dynos", world.subject.app)],
            ..world.describe("wait until the dynos are up, the web ones at least")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(match app_is_up(scope) {
            true => Observation::Done(json!({})),
            false => Observation::Ready,
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let state: AppState = scope.output("record-state")?;
        formation::wait_up(scope, &state).await
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let app = &scope.world.subject.app;
        vec![
            format!("heroku ps -a {app}"),
            format!("heroku maintenance:off -a {app}   # users are let in again"),
            format!("heroku connect:swap:rollback -a {app}   # goes on from here"),
        ]
    }
}
