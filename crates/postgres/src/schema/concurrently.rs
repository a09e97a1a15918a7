//! Indexes on managed tables are built without keeping Connect from writing
//! (PostgreSQL manual, "Building Indexes Concurrently").

use std::collections::BTreeMap;

use super::apply::{Step, run_statement};
use super::entry::{Entry, by_dump_id};
use crate::error::RestoreError;
use crate::inventory::{Class, Inventory, Object, ObjectId, ObjectKind, When};
use crate::session::Session;
use crate::text::{Moves, follow};
use crate::{Error, catalog};

/// A build waits for transactions that began before it, for so long.
const PATIENCE: &str = "SET lock_timeout = '5min'";

/// Takes the indexes on managed tables out of the steps.
pub(super) fn split_off(
    steps: &mut Vec<Step>,
    entries: &[Entry],
    inventory: &Inventory,
) -> Vec<Step> {
    let by_id = by_dump_id(entries);
    let objects: BTreeMap<ObjectId, &Object> = inventory
        .objects
        .iter()
        .map(|object| (object.id, object))
        .collect();
    let managed: Vec<_> = inventory
        .objects
        .iter()
        .filter(|object| object.class == Class::Managed && object.kind == ObjectKind::Table)
        .filter_map(Object::as_table)
        .collect();
    let is_managed_index = |step: &Step| {
        let entry = step.dump_id.and_then(|id| by_id.get(&id));
        let object = entry.and_then(|entry| objects.get(&entry.id));
        object.is_some_and(|object| {
            object.kind == ObjectKind::Index
                && object
                    .table
                    .as_ref()
                    .is_some_and(|table| managed.contains(table))
        })
    };
    let (on_managed, others) = std::mem::take(steps)
        .into_iter()
        .partition(is_managed_index);
    *steps = others;
    on_managed
}

/// Builds them one after the other. Statements that fail are returned.
pub(super) async fn run(session: &Session, steps: &[Step]) -> Result<Vec<RestoreError>, Error> {
    let mut errors = Vec::new();
    if steps.is_empty() {
        return Ok(errors);
    }
    session.batch_execute(PATIENCE).await?;
    for step in steps {
        for statement in &step.statements {
            let refused = run_statement(session, &concurrently(statement)).await?;
            if let Some(error) = refused {
                errors.push(error);
                break;
            }
        }
    }
    session.batch_execute("RESET lock_timeout").await?;
    Ok(errors)
}

fn concurrently(statement: &str) -> String {
    for begin in ["CREATE INDEX ", "CREATE UNIQUE INDEX "] {
        if let Some(rest) = statement.strip_prefix(begin) {
            return format!("{begin}CONCURRENTLY {rest}");
        }
    }
    statement.to_owned()
}

/// Drops indexes of the customer that a build which was cut short has left
/// behind as invalid, so that they are built again.
pub(super) async fn drop_broken(
    new: &Session,
    inventory: &Inventory,
    moves: &Moves,
) -> Result<(), Error> {
    let wanted: Vec<String> = inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::Index)
        .filter(|object| !matches!(object.when, When::NotCarried(_)))
        .map(|object| follow(&object.identity, moves))
        .collect();
    for object in catalog::objects(new).await? {
        if object.kind == ObjectKind::Index
            && object.has("invalid")
            && wanted.contains(&object.key.identity)
        {
            new.batch_execute(&format!("DROP INDEX {}", object.key.identity))
                .await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_indexes_are_built_concurrently() {
        assert_eq!(
            concurrently("CREATE UNIQUE INDEX a ON b USING btree (c)"),
            "CREATE UNIQUE INDEX CONCURRENTLY a ON b USING btree (c)"
        );
        let other = "ALTER TABLE b CLUSTER ON a";
        assert_eq!(concurrently(other), other);
    }
}
