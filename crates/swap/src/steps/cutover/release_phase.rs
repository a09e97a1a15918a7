//! Follows the releases of the promotion to their end: a failed release phase is a failure.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::releases::{self, Moved};
use crate::world::World;

/// Waits for the release phase.
pub struct ReleasePhase;

#[async_trait]
impl Step<World> for ReleasePhase {
    fn id(&self) -> &'static str {
        "release-phase"
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
            ..world.describe("follow the release phase to its end")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let moved: Option<Moved> = scope.outputs.find("promote")?;
        let release = releases::settled(scope, moved.and_then(|moved| moved.after)).await?;
        Ok(json!({ "version": release.version, "description": release.description }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let app = &scope.world.subject.app;
        let mut lines = releases::by_hand(scope.world, "cutover");
        lines.push(format!(
            "heroku connect:swap:rollback -a {app}   # or goes back to the old pair"
        ));
        lines
    }
}
