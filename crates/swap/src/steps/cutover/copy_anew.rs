//! Copies what no round can bring over, while the app still runs: tables that are new, stale, or
//! have changed without a key. Then compares every row that was not compared yet.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_postgres::{Purpose, RoundReport, is_captured};
use serde_json::{Value, json};

use crate::steps::shared::capture::all_followed;
use crate::steps::shared::following::{Follower, round_and_compare};
use crate::steps::shared::{capture, seeding, standing};
use crate::trouble::During;
use crate::world::World;

/// How often a table is copied anew that goes stale meanwhile.
const TIMES: u32 = 3;

/// Tables to copy anew.
pub struct CopyAnew;

#[async_trait]
impl Step<World> for CopyAnew {
    fn id(&self) -> &'static str {
        "copy-anew"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds, or as long as tables take that must be copied anew".into(),
            undo: "it goes with the new database".into(),
            calls: vec![
                "COPY … TO STDOUT on the old, TRUNCATE and COPY … FROM STDIN on the new database"
                    .into(),
                "SELECT count(*), checksum on both".into(),
            ],
            ..world.describe("copy tables anew that are new or were changed in their definition")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        standing::before_window(scope)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let found = scope.interruptible(first_round(scope)).await?;
        let done = until_followed(scope, found).await?;
        Ok(json!({ "copied": done.copied, "compared": done.compared }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // What it copied is wanted there by the next attempt too; the app does not see it.
        Ok(())
    }
}

#[derive(Default)]
struct Done {
    copied: usize,
    compared: usize,
}

/// Copies anew until the round after that finds no table that has to be copied once more: while one
/// is copied, its log may reach its limit, or its definition may change.
async fn until_followed(
    scope: &Scope<'_, World>,
    mut found: RoundReport,
) -> Result<Done, StepError> {
    let mut done = Done::default();
    for _ in 0..TIMES {
        tell_stale(scope, &found);
        let _ = capture::install(scope).await?;
        let units = capture::all(scope.world).await?;
        let waiting = seeding::to_seed(units, &found.changed_whole);
        // Also where nothing waits: indexes that were deployed since are made.
        let _ = seeding::seed_units(scope, &waiting).await?;
        let (round, compared) = scope.interruptible(round_and_compare(scope)).await?;
        done.copied += waiting.len();
        done.compared += compared.tables.len();
        if round.stale.is_empty() {
            return Ok(done);
        }
        // A table without a key that goes on changing is copied in the window, and not here for ever.
        found = RoundReport {
            stale: round.stale,
            ..RoundReport::default()
        };
    }
    all_followed(scope.world).await?;
    Ok(done)
}

/// What the capture says; nothing where somebody has taken it away: then every table is copied anew.
async fn first_round(scope: &Scope<'_, World>) -> Result<RoundReport, StepError> {
    let old = scope.world.old_session(Purpose::ReadOnly).await?;
    let on = is_captured(&old).await.during("reading what is captured")?;
    if on {
        return Follower::new(scope).round().await;
    }
    scope.notice(
        Level::Warning,
        "the capture in the old database is gone: every table is copied anew before the window",
    );
    Ok(RoundReport::default())
}

fn tell_stale(scope: &Scope<'_, World>, found: &RoundReport) {
    for (table, why) in &found.stale {
        scope.notice(
            Level::Info,
            format!("{table} is copied anew before the window: {why}"),
        );
    }
}
