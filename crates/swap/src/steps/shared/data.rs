//! Comparing the rows and large objects of both databases.

use connect_swap_engine::StepError;
use connect_swap_postgres::{
    CompareOptions, Comparison, Forced, LargeObjectsComparison, Purpose, TableRef,
    compare_large_objects, compare_rows,
};

use crate::trouble::During;
use crate::world::World;

/// Sessions on each side that compute checksums where `--jobs` does not say.
const WORKERS: usize = 2;

/// Compares tables, all rows of them.
pub(crate) async fn compare(
    world: &World,
    tables: &[TableRef],
    forced: Forced,
) -> Result<Comparison, StepError> {
    let (old, new) = (world.old_url().await?, world.new_url().await?);
    let options = CompareOptions {
        workers: world.pace.jobs.unwrap_or(WORKERS),
        forced,
    };
    compare_rows(&old, &new, tables, options)
        .await
        .during("comparing rows")
}

/// Compares every large object.
pub(crate) async fn compare_objects(world: &World) -> Result<LargeObjectsComparison, StepError> {
    let old = world.old_session(Purpose::ReadOnly).await?;
    let new = world.new_session(Purpose::ReadOnly).await?;
    compare_large_objects(&old, &new)
        .await
        .during("comparing large objects")
}

/// How large objects differ, if they do.
pub(crate) fn words_of(compared: &LargeObjectsComparison) -> Option<String> {
    (!compared.equal).then(|| {
        let some: Vec<String> = compared.differing.iter().map(u32::to_string).collect();
        format!(
            "large objects: {} on the old side, {} on the new one; differing: {}",
            compared.old,
            compared.new,
            some.join(", ")
        )
    })
}
