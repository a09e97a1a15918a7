//! Proves that both databases are the same: rows, sequences and definitions. Nothing is promoted
//! without this proof.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{
    Captured, Comparison, Forced, LargeObjectsComparison, Part, Purpose, Session, TableRef,
    capture_sizes, compare_definitions, compare_sequences, trigger_log,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LastRoundDone;
use crate::steps::shared::{capture, data, schema};
use crate::trouble::{During, mismatch};
use crate::world::World;

/// The proof before the promotion.
pub struct CompareRows;

#[async_trait]
impl Step<World> for CompareRows {
    fn id(&self) -> &'static str {
        "compare-rows"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second; longer where tables were copied whole".into(),
            calls: vec!["SELECT count(*), checksum on both, of what was copied whole".into()],
            ..world.describe("compare rows, sequences and definitions of both databases")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let inventory = schema::old_inventory(world).await?;
        let done: LastRoundDone = scope.output("last-round")?;
        let copied: Vec<TableRef> = done.copied.into_iter().map(|table| table.table).collect();
        let comparing = async {
            let rows = data::compare(world, &copied, Forced::Lift).await?;
            let large_objects = data::compare_objects(world).await?;
            Ok((rows, large_objects))
        };
        let (rows, large_objects) = world.within_budget(scope, comparing).await?;
        let old = world.old_session(Purpose::ReadOnly).await?;
        let new = world.new_session(Purpose::ReadOnly).await?;
        let mut differences: Vec<String> =
            rows.differing().map(|table| table.to_string()).collect();
        differences.extend(data::words_of(&large_objects));
        let sequences = compare_sequences(&old, &new, &inventory)
            .await
            .during("comparing sequences")?;
        differences.extend(sequences.iter().map(ToString::to_string));
        let definitions = compare_definitions(&old, &new, &inventory, Part::InWindow)
            .await
            .during("comparing definitions")?;
        differences.extend(definitions.iter().map(ToString::to_string));
        let units = capture::all(world).await?;
        let followed = followed(&units, &copied);
        differences.extend(followed.iter().filter(|unit| !unit.compared).map(|unit| {
            format!(
                "table {} was never compared since it was copied",
                unit.unit.table
            )
        }));
        differences.extend(left_in_logs(&old, &followed).await?);
        differences.extend(capture::lost(world, &units).await?);
        if !differences.is_empty() {
            return Err(mismatch(differences));
        }
        let log = trigger_log(&new, world.schema())
            .await
            .during("reading the new trigger log")?;
        let proof = Proof {
            rows,
            followed: followed
                .iter()
                .map(|unit| unit.unit.table.clone())
                .collect(),
            changed_rows: done.round.rows(),
            large_objects: Some(large_objects),
            new_max_id: log.max_id,
            at: scope.clock.now(),
        };
        serde_json::to_value(&proof)
            .map_err(|error| StepError::failed("the proof cannot be written down").because(&error))
    }
}

/// Tables that rounds keep equal.
fn followed<'u>(units: &'u [Captured], copied: &[TableRef]) -> Vec<&'u Captured> {
    units
        .iter()
        .filter(|unit| {
            unit.unit
                .members
                .iter()
                .any(|table| !copied.contains(table))
        })
        .collect()
}

/// What the app has written since the last round: nothing, behind the fence.
async fn left_in_logs(old: &Session, units: &[&Captured]) -> Result<Vec<String>, StepError> {
    let units: Vec<Captured> = units.iter().copied().cloned().collect();
    let left = capture_sizes(old, &units)
        .await
        .during("looking at the logs of changed rows")?;
    let stale = left
        .stale
        .iter()
        .map(|(table, why)| format!("table {table}: {why}"));
    let unseeded = left
        .not_seeded
        .iter()
        .map(|table| format!("table {table} was not copied"));
    let keyed =
        (left.keys > 0).then(|| format!("{} changed rows were not brought over", left.keys));
    let whole = left
        .changed_whole
        .iter()
        .map(|table| format!("table {table} has changed"));
    Ok(stale.chain(unseeded).chain(keyed).chain(whole).collect())
}

/// What was proven at the switch: every unmanaged table is the same on both sides. Those that were
/// followed were compared as a whole before the window, and from then on the rows of every round.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    /// Tables that were copied in the window, compared as a whole.
    pub rows: Comparison,
    /// Tables that were followed; not in journals of earlier versions.
    #[serde(default)]
    pub followed: Vec<TableRef>,
    /// Rows that the last round brought over, compared one round at a time.
    #[serde(default)]
    pub changed_rows: u64,
    /// Large objects; not in journals of earlier versions.
    #[serde(default)]
    pub large_objects: Option<LargeObjectsComparison>,
    /// The last entry of the new trigger log then; a later one is a write of the app.
    pub new_max_id: i64,
    /// When.
    pub at: jiff::Timestamp,
}
