//! Stops every dyno of the formation.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::AppState;
use crate::steps::shared::formation;
use crate::trouble::During;
use crate::world::World;

/// Scales every process type to 0.
pub struct ScaleDown;

#[async_trait]
impl Step<World> for ScaleDown {
    fn id(&self) -> &'static str {
        "scale-down"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second; dynos get 30 seconds to end".into(),
            undo: "the recorded formation is put back".into(),
            calls: vec![format!("PATCH /apps/{}/formation", world.subject.app)],
            ..world.describe("scale every process to 0")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // Every type, not only the recorded ones: somebody may have scaled one up since.
        let running = running(scope.world).await?;
        Ok(if running.is_empty() {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let state: AppState = scope.output("record-state")?;
        let recorded = |name: &String| state.running().any(|process| process.process_type == *name);
        let running = running(scope.world).await?;
        if let Some(stranger) = running.iter().find(|name| !recorded(name)) {
            return Err(StepError::drifted(format!(
                "somebody scaled {stranger} up in the window: it would not be put back"
            ))
            .hint("find out who, then run the same command"));
        }
        formation::update(scope.world, &state.stopping()).await?;
        Ok(json!({}))
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let Some(state) = scope.outputs.find::<AppState>("record-state")? else {
            return Ok(());
        };
        formation::update(scope.world, &state.restoring()).await?;
        // Who is let in before that is turned away by the router.
        formation::wait_up(scope, &state).await.map(drop)
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        formation::by_hand(scope)
    }
}

/// The process types that the formation keeps dynos of.
async fn running(world: &World) -> Result<Vec<String>, StepError> {
    let app = &world.subject.app;
    let formation = world
        .heroku
        .platform()
        .formation(app)
        .await
        .during("reading the formation")?;
    let running = formation.into_iter().filter(|process| process.quantity > 0);
    Ok(running.map(|process| process.process_type).collect())
}
