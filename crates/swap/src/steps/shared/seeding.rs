//! Copying tables, with all workers.

use connect_swap_engine::{Scope, StepError};
use connect_swap_postgres::{
    Captured, CopyOptions, LoadReport, Purpose, SeedReport, Standing, TableRef, Whole, load_tables,
    seed, server_info, workers,
};

use crate::steps::shared::load_progress::LoadProgress;
use crate::steps::shared::schema;
use crate::trouble::During;
use crate::world::World;

/// Copies these units while the app runs, and makes keys and indexes that are missing.
pub(crate) async fn seed_units(
    scope: &Scope<'_, World>,
    units: &[Captured],
) -> Result<SeedReport, StepError> {
    let world = scope.world;
    let tools = schema::tools(world).await?;
    let inventory = schema::old_inventory(world).await?;
    let options = options(world).await?;
    let (old, new) = (world.old_url().await?, world.new_url().await?);
    let progress = LoadProgress::new(scope);
    let tell = |told: connect_swap_postgres::LoadProgress<'_>| progress.tell(&told);
    scope
        .interruptible(async {
            seed(&tools, &old, &new, &inventory, units, options, tell)
                .await
                .during("copying rows")
        })
        .await
}

/// Copies tables while nobody writes.
pub(crate) async fn load_still(
    scope: &Scope<'_, World>,
    tables: &[TableRef],
) -> Result<LoadReport, StepError> {
    let world = scope.world;
    let tools = schema::tools(world).await?;
    let inventory = schema::old_inventory(world).await?;
    let options = options(world).await?;
    let (old, new) = (world.old_url().await?, world.new_url().await?);
    let progress = LoadProgress::new(scope);
    let tell = |told: connect_swap_postgres::LoadProgress<'_>| progress.tell(&told);
    load_tables(&tools, &old, &new, &inventory, tables, options, tell)
        .await
        .during("copying rows")
}

/// Those whose rows are not in the new database as they are now, and can be copied while the app
/// runs.
pub(crate) fn to_seed(units: Vec<Captured>, changed_whole: &[TableRef]) -> Vec<Captured> {
    units
        .into_iter()
        .filter(|unit| unit.unit.whole.is_none_or(Whole::can_be_seeded))
        .filter(|unit| {
            unit.standing != Standing::Followed || changed_whole.contains(&unit.unit.table)
        })
        .collect()
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
