//! Proves that nobody has written to the new database since the switch.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_postgres::{Forced, Purpose, distrust_all, is_fenced, trigger_log};
use serde_json::{Value, json};

use crate::steps::cutover::Proof;
use crate::steps::shared::{data, schema};
use crate::trouble::During;
use crate::world::World;

/// Nothing written since the proof.
pub struct CheckUnwritten;

#[async_trait]
impl Step<World> for CheckUnwritten {
    fn id(&self) -> &'static str {
        "check-unwritten"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "by the size of the tables".into(),
            calls: vec!["GET dynos; SELECT count(*), checksum on both databases".into()],
            ..world.describe("prove that the app has not written to the new database")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let app = &world.subject.app;
        let is_old =
            world.database_holder().await?.as_ref() == Some(&world.subject.old.database.id);
        // An earlier try has promoted the old database already: then it was checked before.
        if is_old && scope.outputs.raw("check-unwritten").is_some() {
            return Ok(json!({ "checked": "by an earlier run" }));
        }
        if scope.outputs.raw("restore-formation").is_some() {
            return Err(refusal("the dynos were started on the new database"));
        }
        if is_old {
            return promoted_by_hand(scope).await;
        }
        let dynos = world
            .heroku
            .platform()
            .dynos(app)
            .await
            .during("reading the dynos")?;
        let running = dynos
            .iter()
            .find(|dyno| !matches!(dyno.process_type.as_str(), "run" | "scheduler" | "release"));
        if let Some(dyno) = running {
            return Err(refusal(&format!(
                "dyno {} runs on the new database",
                dyno.name
            )));
        }
        let tables = unwritten(scope).await?;
        Ok(json!({ "tables": tables }))
    }
}

/// Somebody has promoted the old database by hand: dynos may run on it, and that is as it should be.
/// Where they could write to it, rows that differ tell nothing of the new database.
async fn promoted_by_hand(scope: &Scope<'_, World>) -> Result<Value, StepError> {
    let session = scope.world.old_session(Purpose::ReadOnly).await?;
    if is_fenced(&session).await.during("looking at the fence")? {
        let tables = unwritten(scope).await?;
        return Ok(json!({ "tables": tables }));
    }
    managed_unwritten(scope).await?;
    // A note of this tool's own, so the step still only looks at what is the customer's.
    let session = scope.world.old_session(Purpose::Work).await?;
    distrust_all(&session, "the new database may have been written to")
        .await
        .during("marking the tables that have to be copied anew")?;
    scope.notice(
        Level::Warning,
        "the old database was promoted and made writable by hand: what may have been written to \
         other than mapped tables of the new one meanwhile cannot be told; the next cutover copies \
         every table anew before its window",
    );
    Ok(json!({ "tables": 0 }))
}

/// Proves by counts, checksums and the trigger log that the new database is as it was copied; asked
/// once more just before the old database is promoted again.
pub(super) async fn unwritten(scope: &Scope<'_, World>) -> Result<usize, StepError> {
    let world = scope.world;
    managed_unwritten(scope).await?;
    let inventory = schema::old_inventory(world).await?;
    let rows = data::compare(world, &inventory.tables_to_copy(), Forced::Lift).await?;
    if let Some(table) = rows.differing().next() {
        return Err(refusal(&format!(
            "{} is no longer as it was copied",
            table.table
        )));
    }
    let large_objects = data::compare_objects(world).await?;
    if !large_objects.equal {
        return Err(refusal("large objects are no longer as they were copied"));
    }
    Ok(rows.tables.len())
}

/// Proves by the trigger log that nobody wrote to mapped tables of the new database.
async fn managed_unwritten(scope: &Scope<'_, World>) -> Result<(), StepError> {
    let world = scope.world;
    let proof: Proof = scope.output("compare-rows")?;
    let new = world.new_session(Purpose::ReadOnly).await?;
    let log = trigger_log(&new, world.schema())
        .await
        .during("reading the new trigger log")?;
    if log.max_id > proof.new_max_id {
        return Err(refusal(&format!(
            "{} writes to mapped tables of the new database",
            log.max_id - proof.new_max_id
        )));
    }
    Ok(())
}

fn refusal(why: &str) -> StepError {
    StepError::blocked(format!("going back would lose writes: {why}"))
        .hint("stay on the new pair; the old database is kept, read-only, until cleanup")
        .hint("go on with `heroku connect:swap:cutover` if it has not ended")
}
