//! Compares both databases: rows, sequences and definitions. Nothing is promoted without this proof.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, ErrorKind, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_postgres::{
    Comparison, Forced, LargeObjectsComparison, Part, Purpose, compare_definitions,
    compare_sequences, trigger_log,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::steps::shared::{data, schema};
use crate::trouble::During;
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
            takes: "by their size: see the plan".into(),
            calls: vec!["SELECT count(*), checksum on both".into()],
            ..world.describe("compare rows, sequences and definitions of both databases")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let inventory = schema::old_inventory(world).await?;
        let comparing = async {
            let rows = data::compare(world, &inventory, Forced::Lift).await?;
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
        if !differences.is_empty() {
            let mut error = StepError::new(
                ErrorKind::Mismatch,
                format!(
                    "the new database differs from the old one in {} places",
                    differences.len()
                ),
            );
            error.causes = differences.into_iter().take(20).collect();
            return Err(error);
        }
        let log = trigger_log(&new, world.schema())
            .await
            .during("reading the new trigger log")?;
        let proof = Proof {
            rows,
            large_objects: Some(large_objects),
            new_max_id: log.max_id,
            at: scope.clock.now(),
        };
        serde_json::to_value(&proof)
            .map_err(|error| StepError::failed("the proof cannot be written down").because(&error))
    }
}

/// What was proven at the switch: every unmanaged table, its count and checksum on both sides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    /// Table by table.
    pub rows: Comparison,
    /// Large objects; not in journals of earlier versions.
    #[serde(default)]
    pub large_objects: Option<LargeObjectsComparison>,
    /// The last entry of the new trigger log then; a later one is a write of the app.
    pub new_max_id: i64,
    /// When.
    pub at: jiff::Timestamp,
}
