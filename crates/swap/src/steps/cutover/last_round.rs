//! The last round, behind the fence: brings over what has changed since the rounds before the
//! window, and proves that nothing is left.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_postgres::{
    Captured, LargeObjectsCopied, Purpose, RoundReport, Standing, TableCopied, TableRef,
    copy_large_objects, failed_over,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::steps::shared::following::Follower;
use crate::steps::shared::{capture, schema, seeding};
use crate::trouble::During;
use crate::world::World;

/// Everything that is left.
pub struct LastRound;

/// What it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRoundDone {
    /// The rows of captured tables.
    pub round: RoundReport,
    /// Tables that had to be copied whole.
    pub copied: Vec<TableCopied>,
    /// Large objects.
    pub large_objects: LargeObjectsCopied,
}

#[async_trait]
impl Step<World> for LastRound {
    fn id(&self) -> &'static str {
        "last-round"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second; longer where tables without a key or large objects are copied whole"
                .into(),
            undo: "the next attempt goes on from there; the old database loses but its log".into(),
            calls: vec![
                "DELETE … RETURNING from the logs; DELETE and COPY … FROM STDIN on the new database"
                    .into(),
            ],
            ..world.describe("bring over what has changed since, and prove that nothing is left")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        // An earlier attempt may have made keys and triggers that rows must not meet.
        schema::retract(world).await?;
        let done = world.within_budget(scope, everything(scope)).await?;
        serde_json::to_value(done)
            .map_err(|error| StepError::failed("the result cannot be written down").because(&error))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // Rows that were brought over are right in the new database at any time.
        Ok(())
    }
}

async fn everything(scope: &Scope<'_, World>) -> Result<LastRoundDone, StepError> {
    let world = scope.world;
    let mut follower = Follower::new(scope);
    let round = follower.round().await?;
    for (table, why) in &round.stale {
        scope.notice(
            Level::Warning,
            format!("{table} is copied whole in the window: {why}"),
        );
    }
    let units = capture::all(world).await?;
    none_lost(world, &units).await?;
    let whole = copied_here(units, &round);
    let tables: Vec<TableRef> = whole
        .iter()
        .flat_map(|unit| unit.unit.members.clone())
        .collect();
    let copied = if tables.is_empty() {
        Vec::new()
    } else {
        seeding::load_still(scope, &tables).await?.tables
    };
    let (old, new) = (world.old_url().await?, world.new_url().await?);
    let large_objects = copy_large_objects(&old, &new)
        .await
        .during("copying large objects")?;
    // Nobody can write any more: a round that finds something says that this is not so.
    let again = follower.round().await?;
    if let Some(table) = again.tables.first() {
        return Err(StepError::failed(format!(
            "somebody has written to {} behind the fence",
            table.table
        ))
        .hint("find who sets default_transaction_read_only off by itself, and stop that"));
    }
    Ok(LastRoundDone {
        round,
        copied,
        large_objects,
    })
}

/// After a failover all tables have to be copied anew, which is not done in the window.
async fn none_lost(world: &World, units: &[Captured]) -> Result<(), StepError> {
    let old = world.old_session(Purpose::ReadOnly).await?;
    let new = world.new_session(Purpose::ReadOnly).await?;
    let lost = failed_over(&old, &new, units)
        .await
        .during("asking whether a server has failed over")?;
    match lost {
        None => Ok(()),
        Some(why) => Err(StepError::failed(why)
            .hint("run the same command again: it copies every table anew before the window")),
    }
}

/// Those that no round brings over.
fn copied_here(units: Vec<Captured>, round: &RoundReport) -> Vec<Captured> {
    units
        .into_iter()
        .filter(|unit| {
            unit.standing != Standing::Followed || round.changed_whole.contains(&unit.unit.table)
        })
        .collect()
}
