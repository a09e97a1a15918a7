//! What materialized views read, over any number of views and functions.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::ident::TableRef;
use crate::inventory::{Class, Inventory, Object, ObjectId, ObjectKind, When};
use crate::session::Session;

/// Follows views to their rules, rules to what they name, parents to their
/// children. What a function reads is known where its body was parsed, and not
/// asked where it is declared `IMMUTABLE` (PostgreSQL manual, "Function
/// Volatility Categories") or an extension's.
const INPUTS: &str = "\
WITH RECURSIVE input (view, classid, objid) AS (
    SELECT view, 'pg_class'::regclass::oid, view FROM unnest($1::oid[]) AS view
  UNION
    SELECT input.view, next.classid, next.objid
    FROM input CROSS JOIN LATERAL (
        SELECT 'pg_rewrite'::regclass::oid AS classid, r.oid AS objid FROM pg_catalog.pg_rewrite r
        WHERE input.classid = 'pg_class'::regclass AND r.ev_class = input.objid AND r.rulename = '_RETURN'
      UNION ALL
        SELECT 'pg_class'::regclass::oid, i.inhrelid FROM pg_catalog.pg_inherits i
        WHERE input.classid = 'pg_class'::regclass AND i.inhparent = input.objid
      UNION ALL
        SELECT d.refclassid, d.refobjid FROM pg_catalog.pg_depend d
        WHERE input.classid <> 'pg_class'::regclass AND d.classid = input.classid AND d.objid = input.objid
          AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass)) next
)
SELECT input.view, count(*),
       coalesce(array_agg(input.objid) FILTER (WHERE c.oid <> input.view), '{}'),
       coalesce(bool_or(c.relkind = 'S'), false),
       coalesce(bool_or(c.relforcerowsecurity), false),
       coalesce(bool_or(p.provolatile <> 'i' AND p.prokind <> 'a' AND to_jsonb(p) ->> 'prosqlbody' IS NULL
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                           WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')), false)
FROM input
LEFT JOIN pg_catalog.pg_class c ON input.classid = 'pg_class'::regclass AND c.oid = input.objid
LEFT JOIN pg_catalog.pg_proc p ON input.classid = 'pg_proc'::regclass AND p.oid = input.objid
GROUP BY input.view";

/// A materialized view of the customer that has contents in the old database.
pub(super) struct View<'a> {
    pub(super) object: &'a Object,
    /// Everything it reads: always more than what any view has that it reads.
    depth: i64,
    relations: Vec<ObjectId>,
    /// It reads a sequence's position, which is set in the window.
    reads_sequence: bool,
    /// What it reads is not known.
    reads_anything: bool,
    /// It reads a table whose row-level security is forced on its owner, which
    /// hides rows from the window on.
    pub(super) hidden_from: bool,
}

/// The views, each after those it reads.
pub(super) async fn views<'a>(
    old: &Session,
    inventory: &'a Inventory,
) -> Result<Vec<View<'a>>, Error> {
    let objects: BTreeMap<u32, &Object> = inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::MaterializedView && object.has("populated"))
        .filter(|object| !matches!(object.when, When::NotCarried(_)))
        .map(|object| (object.id.oid, object))
        .collect();
    let any_forced = inventory
        .objects
        .iter()
        .any(|object| object.kind == ObjectKind::RowSecurity && object.has("forced"));
    let oids: Vec<u32> = objects.keys().copied().collect();
    let mut views = Vec::with_capacity(oids.len());
    for row in old.query(INPUTS, &[&oids]).await? {
        let oid: u32 = row.try_get(0)?;
        let Some(object) = objects.get(&oid).copied() else {
            continue;
        };
        let relations: Vec<u32> = row.try_get(2)?;
        let (forced, reads_anything): (bool, bool) = (row.try_get(4)?, row.try_get(5)?);
        views.push(View {
            object,
            depth: row.try_get(1)?,
            relations: relations
                .into_iter()
                .map(|oid| ObjectId {
                    catalog: object.id.catalog,
                    oid,
                })
                .collect(),
            reads_sequence: row.try_get(3)?,
            reads_anything,
            hidden_from: forced || (reads_anything && any_forced),
        });
    }
    views.sort_by_key(|view| (view.depth, view.object.id));
    Ok(views)
}

/// Tells which views may show something else than when they were filled.
pub(super) struct Changes {
    relations: BTreeSet<ObjectId>,
}

impl Changes {
    /// Managed tables, which Connect writes all the time, and the given ones.
    pub(super) fn new(inventory: &Inventory, changed: &BTreeSet<TableRef>) -> Self {
        let relations = inventory.objects.iter().filter(|object| {
            matches!(object.class, Class::Managed | Class::ConnectInternal)
                || object
                    .as_table()
                    .is_some_and(|table| changed.contains(&table))
        });
        Self {
            relations: relations.map(|object| object.id).collect(),
        }
    }

    pub(super) fn reach(&self, view: &View<'_>) -> bool {
        view.reads_anything
            || view.reads_sequence
            || view.relations.iter().any(|id| self.relations.contains(id))
    }
}
