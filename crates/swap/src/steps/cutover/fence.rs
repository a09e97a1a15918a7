//! Fences the old database: from here on it refuses writes from everyone but this tool.
//!
//! `ALTER DATABASE … SET default_transaction_read_only` reaches new sessions of every role;
//! present ones are ended (PostgreSQL manual, ALTER DATABASE and pg_terminate_backend).

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{Keep, Purpose, fence, is_fenced};
use serde_json::Value;

use crate::steps::shared::fencing;
use crate::trouble::During;
use crate::world::World;

/// Makes the old database read-only for everyone else.
pub struct Fence;

#[async_trait]
impl Step<World> for Fence {
    fn id(&self) -> &'static str {
        "fence"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "psql, one-off dynos and other apps on this database lose their connections".into(),
            ],
            takes: "seconds".into(),
            undo: "the settings are put back as they were".into(),
            calls: vec![
                "ALTER DATABASE … SET default_transaction_read_only = on; pg_terminate_backend"
                    .into(),
            ],
            ..world.describe(format!(
                "make {} read-only and end every other session on it",
                world.subject.old.database.name
            ))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // Always again: a session may have come between two runs, and fencing twice does no harm.
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let session = scope.world.old_session(Purpose::Work).await?;
        let report = fence(&session, &Keep::default())
            .await
            .during("fencing the old database")?;
        if let Some(still) = report.still_there.first() {
            return Err(StepError::failed(format!(
                "a session on the old database cannot be ended: {still}"
            ))
            .hint(
                "end what holds it (`heroku pg:ps`, `heroku pg:kill`), then run the same command",
            ));
        }
        if let Some(prepared) = report.prepared_transactions.first() {
            return Err(StepError::failed(format!(
                "prepared transaction {prepared} could still write to the old database"
            ))
            .hint("commit or roll it back (COMMIT PREPARED, ROLLBACK PREPARED), then run the same command"));
        }
        serde_json::to_value(&report)
            .map_err(|error| StepError::failed("the fence cannot be written down").because(&error))
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let session = scope.world.old_session(Purpose::Work).await?;
        if is_fenced(&session).await.during("looking at the fence")? {
            return Ok(());
        }
        Err(StepError::failed("the old database still accepts writes"))
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        fencing::lift(scope).await
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        fencing::by_hand(scope.world)
    }
}
