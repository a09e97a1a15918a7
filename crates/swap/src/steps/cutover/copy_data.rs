//! Copies the rows of every unmanaged table, from server to server.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_postgres::{CopyOptions, Purpose, analyze_tables, copy_tables};
use serde_json::{Value, json};

use crate::steps::shared::schema;
use crate::trouble::During;
use crate::world::World;

/// How many tables are copied side by side where `--jobs` does not say: two sessions each, which
/// the smallest plans have.
const JOBS: usize = 2;

/// Copies the unmanaged rows.
pub struct CopyData;

#[async_trait]
impl Step<World> for CopyData {
    fn id(&self) -> &'static str {
        "copy-data"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "by their size: see the plan".into(),
            undo: "the next attempt copies them anew; the old database is only read".into(),
            calls: vec![
                "COPY … TO STDOUT on the old, TRUNCATE and COPY … FROM STDIN on the new database"
                    .into(),
            ],
            ..world.describe("copy the rows of tables that Connect does not own")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        schema::retract(world).await?;
        let inventory = schema::old_inventory(world).await?;
        let tables = inventory.tables_to_copy();
        let options = CopyOptions {
            jobs: world.jobs.unwrap_or(JOBS),
        };
        let (old, new) = (world.old_url().await?, world.new_url().await?);
        let tell = |progress: connect_swap_postgres::CopyProgress<'_>| {
            scope.progress(Progress {
                message: progress.table.to_string(),
                done: progress.rows.or(Some(progress.bytes)),
                total: None,
                unit: Some(
                    if progress.rows.is_some() {
                        "rows"
                    } else {
                        "bytes"
                    }
                    .into(),
                ),
                eta_seconds: None,
            });
        };
        let copying = async {
            let copied = copy_tables(&old, &new, &inventory, &tables, options, &tell)
                .await
                .during("copying rows")?;
            let session = world.new_session(Purpose::Work).await?;
            analyze_tables(&session, &tables)
                .await
                .during("gathering the planner's statistics")?;
            Ok(copied)
        };
        let budget = async {
            loop {
                scope.sleep(world.interval).await?;
                world.check_budget(scope)?;
            }
        };
        let copied = tokio::select! {
            copied = scope.interruptible(copying) => copied?,
            over = budget => return over,
        };
        let rows: u64 = copied.iter().map(|table| table.rows).sum();
        let bytes: u64 = copied.iter().map(|table| table.bytes).sum();
        Ok(json!({ "tables": copied.len(), "rows": rows, "bytes": bytes }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // Only the new database was written to, and every attempt empties its tables first.
        Ok(())
    }
}
