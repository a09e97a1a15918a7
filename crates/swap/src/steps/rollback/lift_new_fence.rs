//! Lets the new database accept writes again, for its own connection and for another cutover.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{FenceReport, Purpose, lift_fence};
use serde_json::{Value, json};

use super::fence_new::FencedNew;
use crate::trouble::During;
use crate::world::World;

/// The new database's settings as they were.
pub struct LiftNewFence;

#[async_trait]
impl Step<World> for LiftNewFence {
    fn id(&self) -> &'static str {
        "lift-new-fence"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
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
                world.subject.new.database
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let fenced: Option<FencedNew> = scope.outputs.find("fence-new")?;
        Ok(match fenced.and_then(|fenced| fenced.before) {
            Some(_) => Observation::Ready,
            None => Observation::Done(json!({})),
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let fenced: FencedNew = scope.output("fence-new")?;
        if let Some(before) = fenced.before {
            let session = scope.world.new_session(Purpose::Work).await?;
            lift_fence(&session, &FenceReport::from_settings(before))
                .await
                .during("lifting the new database's fence")?;
        }
        Ok(json!({}))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let (app, new) = (&scope.world.subject.app, &scope.world.subject.new.database);
        crate::steps::shared::fencing::lift_by_hand(app.as_str(), new.as_str())
    }
}
