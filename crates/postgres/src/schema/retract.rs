//! Takes back what the window part made, so that rows can be copied again.

use super::apply::run_statement;
use super::select::describe;
use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::inventory::{Class, Inventory, Object, ObjectKind, When};
use crate::session::Session;

/// Drops on the new side the foreign keys, triggers, rules and policies that
/// [`Part::InWindow`](crate::Part::InWindow) makes, and switches row-level
/// security off. Only the customer's; may be repeated. Returns what it went
/// through, in words.
///
/// # Errors
/// [`Error::Restore`] with every statement that was refused.
pub async fn retract_window(new: &Session, inventory: &Inventory) -> Result<Vec<String>, Error> {
    let mut errors = Vec::new();
    let mut gone = Vec::new();
    let window = inventory
        .objects
        .iter()
        .filter(|object| object.class == Class::Unmanaged && object.when == When::Window);
    for object in window {
        let Some(statement) = object
            .table
            .as_ref()
            .and_then(|table| drop_sql(object, table))
        else {
            continue;
        };
        match run_statement(new, &statement).await? {
            Some(error) => errors.push(error),
            None => gone.push(describe(object)),
        }
    }
    if errors.is_empty() {
        Ok(gone)
    } else {
        Err(Error::Restore { errors })
    }
}

fn drop_sql(object: &Object, table: &TableRef) -> Option<String> {
    let (name, table) = (quote_ident(&object.name), table.sql());
    Some(match object.kind {
        ObjectKind::ForeignKey => {
            format!("ALTER TABLE IF EXISTS {table} DROP CONSTRAINT IF EXISTS {name}")
        }
        ObjectKind::Trigger => format!("DROP TRIGGER IF EXISTS {name} ON {table}"),
        ObjectKind::Rule => format!("DROP RULE IF EXISTS {name} ON {table}"),
        ObjectKind::Policy => format!("DROP POLICY IF EXISTS {name} ON {table}"),
        ObjectKind::RowSecurity => {
            format!("ALTER TABLE IF EXISTS {table} DISABLE ROW LEVEL SECURITY")
        }
        _ => return None,
    })
}
