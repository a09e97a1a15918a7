//! Check constraints that a customer added to managed tables. An archive has
//! them inside the table's own statement, which is never restored.

use super::apply::run_statement;
use super::select::describe;
use crate::compare::definitions;
use crate::error::RestoreError;
use crate::ident::quote_ident;
use crate::inventory::{Inventory, ObjectKind};
use crate::session::Session;
use crate::text::{Moves, follow};
use crate::{Error, catalog};

/// Adds the checks that the new side lacks; returns what was added.
pub(super) async fn add(
    (old, new): (&Session, &Session),
    inventory: &Inventory,
    moves: &Moves,
    errors: &mut Vec<RestoreError>,
) -> Result<Vec<String>, Error> {
    let checks: Vec<_> = inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::Check)
        .filter(|object| {
            object.table.as_ref().is_some_and(|table| {
                table.schema == inventory.connect_schema && !inventory.may_copy(table)
            })
        })
        .collect();
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<_> = checks
        .iter()
        .map(|object| (object.id, object.kind))
        .collect();
    let texts = definitions(old, &wanted).await?;
    let there: std::collections::BTreeSet<_> = catalog::objects(new)
        .await?
        .into_iter()
        .map(|object| object.key)
        .collect();
    let mut added = Vec::new();
    for object in checks {
        let (Some(table), Some(text)) = (&object.table, texts.get(&object.id)) else {
            continue;
        };
        if there.contains(&object.key()) {
            continue;
        }
        let constraint = follow(text, moves);
        let (table, name) = (table.sql(), quote_ident(&object.name));
        let not_valid = constraint.ends_with(" NOT VALID");
        let option = if not_valid { "" } else { " NOT VALID" };
        let add = format!("ALTER TABLE {table} ADD CONSTRAINT {name} {constraint}{option}");
        // Held against the rows while Connect goes on writing (PostgreSQL manual, "ALTER TABLE").
        let validate = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}");
        let mut refused = run_statement(new, &add).await?;
        if refused.is_none() && !not_valid {
            refused = run_statement(new, &validate).await?;
        }
        match refused {
            Some(error) => errors.push(error),
            None => added.push(describe(object)),
        }
    }
    Ok(added)
}
