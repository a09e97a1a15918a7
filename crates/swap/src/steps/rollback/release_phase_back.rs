//! Follows the releases of going back to their end: until then a dyno would start on the new database.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::back::app_is_up;
use crate::steps::shared::releases::{self, Moved};
use crate::world::World;

/// The release with the old database in force.
pub struct ReleasePhaseBack;

#[async_trait]
impl Step<World> for ReleasePhaseBack {
    fn id(&self) -> &'static str {
        "release-phase-back"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "as long as your release phase takes".into(),
            calls: vec![format!("GET /apps/{}/releases", world.subject.app)],
            ..world.describe("follow the release phase to its end, before a dyno is started")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(match app_is_up(scope) {
            true => Observation::Done(json!({})),
            false => Observation::Ready,
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let moved: Option<Moved> = scope.outputs.find("promote-old")?;
        match moved.and_then(|moved| moved.after) {
            Some(after) => releases::settled(scope, Some(after)).await.map(drop)?,
            // Somebody else, or an earlier run that was cut short, has moved it.
            None => releases::settled_if_moved(scope).await?,
        }
        Ok(json!({}))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        releases::by_hand(scope.world, "rollback")
    }
}
