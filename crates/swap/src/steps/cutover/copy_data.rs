//! Copies the rows of every unmanaged table and the large objects, from server to server, and makes
//! keys and indexes on each table as soon as its rows are there.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{
    CopyOptions, Purpose, copy_large_objects, load_tables, server_info, workers,
};
use serde_json::{Value, json};

use crate::steps::shared::load_progress::LoadProgress;
use crate::steps::shared::schema;
use crate::trouble::During;
use crate::world::World;

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
                "ALTER TABLE … ADD PRIMARY KEY, CREATE INDEX, ANALYZE on the new database".into(),
            ],
            ..world.describe("copy the rows of tables that Connect does not own, and index them")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        schema::retract(world).await?;
        let tools = schema::tools(world).await?;
        let inventory = schema::old_inventory(world).await?;
        let options = options(world).await?;
        let (old, new) = (world.old_url().await?, world.new_url().await?);
        let progress = LoadProgress::new(scope);
        let tell = |told: connect_swap_postgres::LoadProgress<'_>| progress.tell(&told);
        let loading = async {
            let objects = copy_large_objects(&old, &new)
                .await
                .during("copying large objects")?;
            let tables = inventory.tables_to_copy();
            let loaded = load_tables(&tools, &old, &new, &inventory, &tables, options, tell)
                .await
                .during("copying rows")?;
            Ok((loaded, objects))
        };
        let (loaded, objects) = world.within_budget(scope, loading).await?;
        let rows: u64 = loaded.tables.iter().map(|table| table.rows).sum();
        let bytes: u64 = loaded.tables.iter().map(|table| table.bytes).sum();
        Ok(json!({
            "tables": loaded.tables.len(),
            "rows": rows,
            "bytes": bytes,
            "large_objects": objects,
            "built": loaded.built.len(),
            "workers": options.workers.any,
        }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // Only the new database was written to, and every attempt empties its tables first.
        Ok(())
    }
}

/// As many workers as `--jobs` says, or the machine and both servers allow.
async fn options(world: &World) -> Result<CopyOptions, StepError> {
    let (old, new) = (
        world.old_session(Purpose::ReadOnly).await?,
        world.new_session(Purpose::ReadOnly).await?,
    );
    let reading = "reading the servers' limits";
    let old = server_info(&old).await.during(reading)?;
    let new = server_info(&new).await.during(reading)?;
    Ok(CopyOptions {
        throttle: world.pace.throttle,
        ..CopyOptions::with(workers(world.pace.jobs, &old, &new))
    })
}
