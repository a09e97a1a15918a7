//! What a customer added to tables of extensions. `pg_dump` leaves out whatever
//! is on a member of an extension, so no archive has it.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::run_statement;
use super::carry::Part;
use super::select::describe;
use crate::catalog::Key;
use crate::error::RestoreError;
use crate::ident::TableRef;
use crate::inventory::{Class, Inventory, Object, ObjectId, ObjectKind};
use crate::session::Session;
use crate::text::{Moves, follow};
use crate::{Error, catalog};

/// The statements that make indexes, constraints, triggers with their enabled
/// state, and rules.
const STATEMENTS: &str = "\
SELECT 'pg_class'::regclass::oid, indexrelid, pg_catalog.pg_get_indexdef(indexrelid)
FROM pg_catalog.pg_index WHERE indexrelid = ANY ($1)
UNION ALL
SELECT 'pg_constraint'::regclass, oid,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_catalog.pg_get_constraintdef(oid))
FROM pg_catalog.pg_constraint WHERE oid = ANY ($1)
UNION ALL
SELECT 'pg_trigger'::regclass, oid, pg_catalog.pg_get_triggerdef(oid) || CASE tgenabled WHEN 'O' THEN '' ELSE
       format('; ALTER TABLE %s %s TRIGGER %I', tgrelid::regclass,
              CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, tgname) END
FROM pg_catalog.pg_trigger WHERE oid = ANY ($1)
UNION ALL
SELECT 'pg_rewrite'::regclass, oid, pg_catalog.pg_get_ruledef(oid)
FROM pg_catalog.pg_rewrite WHERE oid = ANY ($1)";

/// Makes what the new side lacks; returns what was made.
pub(super) async fn add(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
    moves: &Moves,
    part: Part,
    errors: &mut Vec<RestoreError>,
) -> Result<Vec<String>, Error> {
    let of_extension: BTreeSet<TableRef> = inventory
        .objects
        .iter()
        .filter(|object| object.class == Class::Extension && object.kind == ObjectKind::Table)
        .filter_map(Object::as_table)
        .collect();
    let wanted: Vec<&Object> = inventory
        .unmanaged()
        .filter(|object| part.has(object))
        .filter(|object| {
            object
                .table
                .as_ref()
                .is_some_and(|table| of_extension.contains(table))
        })
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let statements = statements(old, &wanted).await?;
    let there: BTreeSet<Key> = catalog::objects(new)
        .await?
        .into_iter()
        .map(|object| object.key)
        .collect();
    let mut added = Vec::new();
    for object in wanted {
        let key = object.key();
        let key = Key {
            identity: follow(&key.identity, moves),
            ..key
        };
        // Policies and the like are in the archive.
        let Some(statement) = statements.get(&object.id) else {
            continue;
        };
        if there.contains(&key) {
            continue;
        }
        match run_statement(new, &follow(statement, moves)).await? {
            Some(error) => errors.push(error),
            None => added.push(describe(object)),
        }
    }
    Ok(added)
}

async fn statements(
    session: &Session,
    objects: &[&Object],
) -> Result<BTreeMap<ObjectId, String>, Error> {
    let oids: Vec<u32> = objects.iter().map(|object| object.id.oid).collect();
    let rows = session.query(STATEMENTS, &[&oids]).await?;
    rows.iter()
        .map(|row| {
            let id = ObjectId {
                catalog: row.try_get(0)?,
                oid: row.try_get(1)?,
            };
            Ok((id, row.try_get(2)?))
        })
        .collect()
}
