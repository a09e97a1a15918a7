//! Alterations of managed tables that their owner can make again: storage
//! parameters, replica identity, clustering, and what a column has of
//! statistics, options, storage and compression (PostgreSQL manual, "ALTER
//! TABLE"). An archive has them beside the table's own statement, which is
//! never restored.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::run_statement;
use crate::Error;
use crate::error::RestoreError;
use crate::ident::TableRef;
use crate::inventory::{Class, Inventory, ObjectKind};
use crate::session::Session;
use crate::text::{Moves, follow};

/// What is not as a new table has it, as the actions of `ALTER TABLE` that make
/// it so. `attcompression` is there since version 14.
const ACTIONS: &str = "\
WITH managed AS (
    SELECT c.* FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'r'
), col AS (
    SELECT m.relname, a.attname, a.attstattarget, a.attoptions, a.attstorage, t.typstorage,
           pg_catalog.to_jsonb(a) ->> 'attcompression' AS compression,
           'ALTER COLUMN ' || quote_ident(a.attname) || ' SET ' AS set
    FROM managed m JOIN pg_catalog.pg_attribute a ON a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
)
SELECT relname::text, NULL::text,
       'SET (' || quote_ident(split_part(o, '=', 1)) || ' = ' || quote_literal(substr(o, strpos(o, '=') + 1)) || ')'
FROM managed CROSS JOIN LATERAL unnest(reloptions) AS o
UNION ALL
SELECT m.relname::text, NULL,
       'SET (toast.' || quote_ident(split_part(o, '=', 1)) || ' = ' || quote_literal(substr(o, strpos(o, '=') + 1)) || ')'
FROM managed m JOIN pg_catalog.pg_class t ON t.oid = m.reltoastrelid CROSS JOIN LATERAL unnest(t.reloptions) AS o
UNION ALL
SELECT relname::text, NULL, CASE relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL' ELSE 'REPLICA IDENTITY NOTHING' END
FROM managed WHERE relreplident IN ('f', 'n')
UNION ALL
SELECT m.relname::text, NULL, x.action || quote_ident(c.relname)
FROM managed m JOIN pg_catalog.pg_index i ON i.indrelid = m.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
CROSS JOIN LATERAL (VALUES ('REPLICA IDENTITY USING INDEX ', i.indisreplident AND m.relreplident = 'i'),
                           ('CLUSTER ON ', i.indisclustered)) AS x (action, wanted)
WHERE x.wanted
UNION ALL
SELECT relname::text, attname::text, set || 'STATISTICS ' || attstattarget FROM col WHERE attstattarget >= 0
UNION ALL
SELECT relname::text, attname::text,
       set || '(' || quote_ident(split_part(o, '=', 1)) || ' = ' || quote_literal(substr(o, strpos(o, '=') + 1)) || ')'
FROM col CROSS JOIN LATERAL unnest(attoptions) AS o
UNION ALL
SELECT relname::text, attname::text,
       set || 'STORAGE ' || CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
FROM col WHERE attstorage <> typstorage
UNION ALL
SELECT relname::text, attname::text, set || 'COMPRESSION ' || CASE compression WHEN 'l' THEN 'lz4' ELSE 'pglz' END
FROM col WHERE compression <> ''
ORDER BY 1, 2 NULLS FIRST, 3";

const TYPES: &str = "\
SELECT c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'r'";

/// What became of the alterations.
#[derive(Debug, Default)]
pub(super) struct Altered {
    /// Those that were made, in words.
    pub(super) made: Vec<String>,
    /// Columns whose type is another on the new side, in words.
    pub(super) other_types: Vec<String>,
}

/// Makes the alterations that the new side lacks, and compares the columns'
/// types.
pub(super) async fn make(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
    moves: &Moves,
    errors: &mut Vec<RestoreError>,
) -> Result<Altered, Error> {
    let schema = &inventory.connect_schema;
    let tables: Vec<&str> = inventory
        .objects
        .iter()
        .filter(|object| object.class == Class::Managed && object.kind == ObjectKind::Table)
        .map(|object| object.name.as_str())
        .collect();
    let (here, there) = tokio::try_join!(types(old, schema, &tables), types(new, schema, &tables))?;
    let (wanted, done) =
        tokio::try_join!(actions(old, schema, &tables), actions(new, schema, &tables))?;
    let mut altered = Altered {
        other_types: other_types(schema, &here, &there, moves),
        ..Altered::default()
    };
    for action in wanted.difference(&done) {
        // A column that the mapping does not have is named as uncarriable.
        let column = action.column.as_ref();
        if column.is_some_and(|name| !there.contains_key(&(action.table.clone(), name.clone()))) {
            continue;
        }
        let table = TableRef::new(schema, &action.table);
        let statement = format!("ALTER TABLE {} {}", table.sql(), action.text);
        match run_statement(new, &statement).await? {
            Some(error) => errors.push(error),
            None => altered.made.push(format!("{table}: {}", action.text)),
        }
    }
    Ok(altered)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Action {
    table: String,
    column: Option<String>,
    text: String,
}

async fn actions(
    session: &Session,
    schema: &str,
    tables: &[&str],
) -> Result<BTreeSet<Action>, Error> {
    let rows = session.query(ACTIONS, &[&schema, &tables]).await?;
    rows.iter()
        .map(|row| {
            Ok(Action {
                table: row.try_get(0)?,
                column: row.try_get(1)?,
                text: row.try_get(2)?,
            })
        })
        .collect()
}

/// Type by table and column.
type Types = BTreeMap<(String, String), String>;

async fn types(session: &Session, schema: &str, tables: &[&str]) -> Result<Types, Error> {
    let rows = session.query(TYPES, &[&schema, &tables]).await?;
    rows.iter()
        .map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?)))
        .collect()
}

fn other_types(schema: &str, old: &Types, new: &Types, moves: &Moves) -> Vec<String> {
    let differing = old.iter().filter_map(|((table, column), here)| {
        let there = new.get(&(table.clone(), column.clone()))?;
        let here = follow(here, moves);
        (here != *there).then(|| {
            format!("{schema}.{table}.{column}: {here} in the old database, {there} in the new one")
        })
    });
    differing.collect()
}
