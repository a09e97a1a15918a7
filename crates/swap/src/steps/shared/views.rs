//! Materialized views of the new database whose inputs have changed since they were filled.

use std::collections::BTreeSet;

use connect_swap_engine::{Progress, Scope, StepError};
use connect_swap_postgres::{AppIs, Inventory, Purpose, TableRef, ViewsRefreshed, refresh_views};

use super::schema;
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
    let changed = changed_since_filled(&inventory);
    let tell = |view: &str, done: usize, of: usize| scope.progress(filling(view, done, of));
    refresh_views(&old, &new, &inventory, &changed, app, tell)
        .await
        .during("refreshing materialized views")
}

/// Tables whose rows may have changed since the views were filled: all of the customer's, as nobody
/// tells yet which the app wrote to.
fn changed_since_filled(inventory: &Inventory) -> BTreeSet<TableRef> {
    inventory.tables_to_copy().into_iter().collect()
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
