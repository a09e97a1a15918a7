//! Lets the old database accept writes again.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{FenceReport, Purpose, lift_fence};
use serde_json::{Value, json};

use super::back::app_is_up;
use crate::steps::cutover::AppState;
use crate::trouble::During;
use crate::world::World;

/// Settings as they were.
pub struct LiftFence;

#[async_trait]
impl Step<World> for LiftFence {
    fn id(&self) -> &'static str {
        "lift-fence"
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
            undo: "another cutover".into(),
            calls: vec!["ALTER DATABASE … RESET default_transaction_read_only".into()],
            ..world.describe(format!(
                "let {} accept writes again",
                world.subject.old.database.name
            ))
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
        let session = scope.world.old_session(Purpose::Work).await?;
        let report = FenceReport::from_settings(state.settings);
        lift_fence(&session, &report)
            .await
            .during("lifting the fence")?;
        Ok(json!({}))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        crate::steps::shared::fencing::by_hand(scope.world)
    }
}
