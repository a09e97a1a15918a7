//! Takes back what the window part made, so that rows can be copied again.

use std::collections::BTreeSet;

use super::apply::run_statement;
use super::select::describe;
use crate::error::RestoreError;
use crate::ident::{TableRef, quote_ident};
use crate::inventory::{Inventory, Object, ObjectKind, When};
use crate::session::Session;
use crate::{Error, catalog};

/// Drops on the new side what [`Part::InWindow`](crate::Part::InWindow) makes:
/// foreign keys, triggers, rules, policies, publications; and switches row-level
/// security off. Keys and indexes stay, as changed rows are found by them. Only
/// the customer's; may be repeated. Returns what was dropped, in words.
///
/// What is not there is not spoken of to the server: a `DROP … IF EXISTS` takes
/// its lock on the table all the same, and waits a second for an autovacuum of it
/// to give way (PostgreSQL manual, "The Autovacuum Daemon").
///
/// # Errors
/// [`Error::Restore`] with every statement that was refused.
pub async fn retract_window(new: &Session, inventory: &Inventory) -> Result<Vec<String>, Error> {
    let mut errors = Vec::new();
    let mut gone = Vec::new();
    let there: BTreeSet<Thing> = catalog::objects(new)
        .await?
        .into_iter()
        .map(|object| (object.kind, object.name, object.table))
        .collect();
    let is_there = |object: &&Object| {
        there.contains(&(object.kind, object.name.clone(), object.table.clone()))
    };
    for object in inventory
        .unmanaged()
        .filter(|object| object.when == When::Window)
        .filter(is_there)
    {
        drop_it(new, object, &mut gone, &mut errors).await?;
    }
    if errors.is_empty() {
        Ok(gone)
    } else {
        Err(Error::Restore { errors })
    }
}

/// What names it on the new side: the table's schema is the same there.
type Thing = (ObjectKind, String, Option<TableRef>);

async fn drop_it(
    new: &Session,
    object: &Object,
    gone: &mut Vec<String>,
    errors: &mut Vec<RestoreError>,
) -> Result<(), Error> {
    let Some(statement) = drop_sql(object) else {
        return Ok(());
    };
    match run_statement(new, &statement).await? {
        // The domain is not there yet: neither is its constraint.
        Some(error) if error.sqlstate.as_deref() == Some("42704") => {}
        Some(error) => errors.push(error),
        None => gone.push(describe(object)),
    }
    Ok(())
}

fn drop_sql(object: &Object) -> Option<String> {
    let name = quote_ident(&object.name);
    if object.kind == ObjectKind::Publication {
        return Some(format!("DROP PUBLICATION IF EXISTS {name}"));
    }
    if object.kind == ObjectKind::DomainCheck {
        let domain = ["", "\""].iter().find_map(|quote| {
            let begin = format!("{quote}{}{quote} on ", object.name.replace('"', "\"\""));
            object.identity.strip_prefix(&begin)
        })?;
        return Some(format!(
            "ALTER DOMAIN {domain} DROP CONSTRAINT IF EXISTS {name}"
        ));
    }
    let table = object.table.as_ref()?;
    let table = table.sql();
    Some(match object.kind {
        ObjectKind::ForeignKey | ObjectKind::Check => {
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
