//! Copies the rows of unmanaged tables while the app runs; what changes meanwhile is in the logs.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::{capture, seeding};
use crate::world::World;

/// The first copy.
pub struct SeedRows;

#[async_trait]
impl Step<World> for SeedRows {
    fn id(&self) -> &'static str {
        "seed-rows"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "the old database is read from end to end: see --jobs and --throttle".into(),
                "a change of a table's definition waits until that table is copied".into(),
            ],
            takes: "by their size: see the plan".into(),
            undo: "it goes with the new database".into(),
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
        let waiting = seeding::to_seed(capture::all(scope.world).await?, &[]);
        let seeded = seeding::seed_units(scope, &waiting).await?;
        let rows: u64 = seeded.tables.iter().map(|table| table.rows).sum();
        let bytes: u64 = seeded.tables.iter().map(|table| table.bytes).sum();
        Ok(json!({
            "tables": seeded.tables.len(),
            "rows": rows,
            "bytes": bytes,
            "built": seeded.built.len(),
        }))
    }
}
