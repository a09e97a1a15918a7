//! Row-level security that a customer forced on the owner of managed tables.
//! An archive has it inside the table's own statement, which is never restored.

use std::collections::BTreeSet;

use super::apply::run_statement;
use super::select::describe;
use crate::error::RestoreError;
use crate::inventory::{Inventory, ObjectKind};
use crate::session::Session;
use crate::{Error, catalog};

/// Forces it where the old side does; returns what was done. Rows of managed
/// tables are never copied, so that none can be missed by it.
pub(super) async fn force(
    new: &Session,
    inventory: &Inventory,
    errors: &mut Vec<RestoreError>,
) -> Result<Vec<String>, Error> {
    let forced: Vec<_> = inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::RowSecurity && object.has("forced"))
        .filter_map(|object| Some((object, object.table.as_ref()?)))
        .filter(|(_, table)| !inventory.may_copy(table))
        .collect();
    if forced.is_empty() {
        return Ok(Vec::new());
    }
    let there: BTreeSet<_> = catalog::objects(new)
        .await?
        .into_iter()
        .map(|object| object.key)
        .collect();
    let mut done = Vec::new();
    for (object, table) in forced {
        if there.contains(&object.key()) {
            continue;
        }
        let statement = format!("ALTER TABLE {} FORCE ROW LEVEL SECURITY", table.sql());
        match run_statement(new, &statement).await? {
            Some(error) => errors.push(error),
            None => done.push(describe(object)),
        }
    }
    Ok(done)
}
