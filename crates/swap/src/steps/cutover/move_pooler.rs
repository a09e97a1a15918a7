//! Moves the connection pooler's attachment, as `heroku pg:promote` does.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::pooler;
use crate::world::World;

/// Moves DATABASE_CONNECTION_POOL.
pub struct MovePooler;

#[async_trait]
impl Step<World> for MovePooler {
    fn id(&self) -> &'static str {
        "move-pooler"
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
            undo: "rollback moves it back".into(),
            calls: vec![
                "POST /addon-attachments (DATABASE_CONNECTION_POOL), where the old database has it"
                    .into(),
            ],
            ..world.describe("move the connection pooler to the new database, where there is one")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let holder = pooler::holder(world).await?;
        let moved = holder.is_none_or(|holder| holder != world.subject.old.database.id);
        Ok(if moved {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        pooler::hold(scope.world, &scope.world.subject.new.database).await?;
        Ok(json!({}))
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let world = scope.world;
        let holder = pooler::holder(world).await?;
        if holder.is_none_or(|holder| holder == world.subject.old.database.id) {
            return Ok(());
        }
        pooler::hold(world, &world.subject.old.database.name).await
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        vec![format!(
            "heroku pg:connection-pooling:attach {} --as DATABASE_CONNECTION_POOL -a {}",
            scope.world.subject.new.database, scope.world.subject.app
        )]
    }
}
