//! Moves the connection pooler's attachment back.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::pooler;
use crate::world::World;

/// DATABASE_CONNECTION_POOL back.
pub struct MovePoolerBack;

#[async_trait]
impl Step<World> for MovePoolerBack {
    fn id(&self) -> &'static str {
        "move-pooler-back"
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
            calls: vec![
                "POST /addon-attachments (DATABASE_CONNECTION_POOL), where it was moved".into(),
            ],
            ..world.describe("move the connection pooler back, where there is one")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let new = world.new_database().await?;
        let back = pooler::holder(world)
            .await?
            .is_none_or(|holder| holder != new.id);
        Ok(if back {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        pooler::hold(scope.world, &scope.world.subject.old.database.name).await?;
        Ok(json!({}))
    }
}
