//! Materialized views of the new database whose inputs have changed since they were filled.

use std::collections::BTreeSet;

use connect_swap_engine::{Progress, Scope, StepError};
use connect_swap_postgres::{AppIs, Purpose, TableRef, ViewsRefreshed, refresh_views};

use super::schema;
use crate::steps::cutover::{CaughtUp, LastRoundDone};
use crate::trouble::During;
use crate::world::World;

/// Refreshes the views that may show something else by now.
pub(crate) async fn refresh_changed(
    scope: &Scope<'_, World>,
    app: AppIs,
) -> Result<ViewsRefreshed, StepError> {
    let world = scope.world;
    let inventory = schema::old_inventory(world).await?;
    let old = world.old_session(Purpose::ReadOnly).await?;
    let new = world.new_url().await?;
    let changed = changed_since_filled(scope)?;
    let tell = |view: &str, done: usize, of: usize| scope.progress(filling(view, done, of));
    refresh_views(&old, &new, &inventory, &changed, app, tell)
        .await
        .during("refreshing materialized views")
}

/// Tables whose rows have changed since the views were filled, as the rounds since then have found.
fn changed_since_filled(scope: &Scope<'_, World>) -> Result<BTreeSet<TableRef>, StepError> {
    let before: CaughtUp = scope.output("catch-up")?;
    let last: LastRoundDone = scope.output("last-round")?;
    let mut changed = before.changed;
    changed.extend(last.round.changed_tables());
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
