//! Materialized views of the new database whose inputs have changed since they were filled.

use std::collections::BTreeSet;

use connect_swap_engine::{Progress, Scope, StepError};
use connect_swap_postgres::{
    AppIs, Purpose, Session, TableRef, ViewsRefreshed, changed_since, is_captured, refresh_views,
};

use super::schema;
use crate::steps::cutover::LastRoundDone;
use crate::trouble::During;
use crate::world::World;

/// Under this name `fill-views` tells when it began, on the old database's clock.
pub(crate) const FILLED_FROM: &str = "filled_from";

/// Refreshes the views that may show something else by now.
pub(crate) async fn refresh_changed(
    scope: &Scope<'_, World>,
    app: AppIs,
) -> Result<ViewsRefreshed, StepError> {
    let world = scope.world;
    let inventory = schema::old_inventory(world).await?;
    let old = world.old_session(Purpose::ReadOnly).await?;
    let new = world.new_url().await?;
    let on = is_captured(&old).await.during("reading what is captured")?;
    let changed = match on {
        true => changed_since_filled(scope, &old).await?,
        false => inventory.tables_to_copy().into_iter().collect(),
    };
    let tell = |view: &str, done: usize, of: usize| scope.progress(filling(view, done, of));
    refresh_views(&old, &new, &inventory, &changed, app, tell)
        .await
        .during("refreshing materialized views")
}

/// Tables whose rows have changed since the views began to be filled. The old database tells, where
/// each round has left it: the answer to a round may have been lost, and another run may have made it.
async fn changed_since_filled(
    scope: &Scope<'_, World>,
    old: &Session,
) -> Result<BTreeSet<TableRef>, StepError> {
    let filled = scope.outputs.raw("fill-views");
    let from = filled.and_then(|output| output.get(FILLED_FROM)?.as_str());
    // A journal of an earlier version does not tell: then all may have changed.
    let mut changed = changed_since(old, from.unwrap_or("-infinity"))
        .await
        .during("reading which tables have changed")?;
    let last: LastRoundDone = scope.output("last-round")?;
    changed.extend(last.copied.into_iter().map(|table| table.table));
    Ok(changed)
}

/// How far it is with the views.
pub(crate) fn filling(view: &str, done: usize, of: usize) -> Progress {
    Progress {
        message: format!("filling {view}"),
        done: u64::try_from(done).ok(),
        total: u64::try_from(of).ok(),
        unit: Some("views".into()),
        eta_seconds: None,
    }
}
