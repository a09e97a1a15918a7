//! Lets the new connection go on keeping its own database up to date, for another cutover; unless
//! it was paused before the window already.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::cutover::AppState;
use crate::steps::shared::pausing;
use crate::world::{Side, World};

/// The new connection runs again.
pub struct ResumeNew;

#[async_trait]
impl Step<World> for ResumeNew {
    fn id(&self) -> &'static str {
        "resume-new"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            undo: "heroku connect:pause".into(),
            calls: vec!["Connect: POST actions/resume".into()],
            ..world.describe(format!(
                "let {} go on syncing into its own database",
                world.subject.new.connect
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let state: AppState = scope.output("record-state")?;
        let as_before = state.new_paused || scope.world.connection(Side::New).await?.state.is_ok();
        Ok(if as_before {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        pausing::resume(scope, Side::New).await?;
        Ok(json!({}))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        vec![pausing::resume_by_hand(scope.world, Side::New)]
    }
}
