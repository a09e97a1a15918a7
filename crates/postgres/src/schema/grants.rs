//! Privileges: given again to the roles that the new side has.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::run_statement;
use super::places;
use crate::Error;
use crate::error::RestoreError;
use crate::ident::quote_ident;
use crate::inventory::{Class, Inventory, Object, ObjectId, ObjectKind};
use crate::session::Session;
use crate::text::{Moves, follow};

/// What is granted beyond what a new object of its kind has, and what of that
/// was taken away (`acldefault`); `grantee` is empty for PUBLIC.
const QUERY: &str = "\
WITH item AS (
    SELECT 'pg_class'::regclass::oid AS catalog, oid, relowner AS owner, NULL::text AS col, relacl AS acl,
           pg_catalog.acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::\"char\", relowner) AS standard
    FROM pg_catalog.pg_class
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, c.relowner, a.attname::text, a.attacl, pg_catalog.acldefault('c', c.relowner)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE NOT a.attisdropped
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, proowner, NULL, proacl, pg_catalog.acldefault('f', proowner) FROM pg_catalog.pg_proc
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typowner, NULL, typacl, pg_catalog.acldefault('T', typowner) FROM pg_catalog.pg_type
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, nspowner, NULL, nspacl, pg_catalog.acldefault('n', nspowner) FROM pg_catalog.pg_namespace
)
SELECT i.catalog, i.oid, i.col, coalesce(r.rolname::text, ''), x.privilege_type, x.is_grantable, x.granted, x.grantee = i.owner
FROM item i CROSS JOIN LATERAL (
    SELECT grantee, privilege_type, is_grantable, true FROM pg_catalog.aclexplode(i.acl)
    EXCEPT SELECT grantee, privilege_type, is_grantable, true FROM pg_catalog.aclexplode(i.standard)
    UNION ALL
    (SELECT grantee, privilege_type, false, false FROM pg_catalog.aclexplode(i.standard)
     EXCEPT SELECT grantee, privilege_type, false, false FROM pg_catalog.aclexplode(i.acl))
) AS x (grantee, privilege_type, is_grantable, granted)
LEFT JOIN pg_catalog.pg_roles r ON r.oid = x.grantee
WHERE i.acl IS NOT NULL AND i.oid >= 16384 AND (x.grantee = 0 OR r.oid IS NOT NULL)
ORDER BY x.granted, 1, 2, 3, 4, 5";

/// Grants on the new side what the old side grants, and takes from PUBLIC what
/// the old side took; returns what was left out: grants whose role the new side
/// has not, and what an owner took from itself. The new side's owner needs it
/// to copy rows, and may have to copy them again.
pub(super) async fn carry(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
    moves: &Moves,
    errors: &mut Vec<RestoreError>,
) -> Result<Vec<String>, Error> {
    let objects: BTreeMap<ObjectId, &Object> = inventory
        .objects
        .iter()
        .map(|object| (object.id, object))
        .collect();
    let roles = roles(new).await?;
    let me: String = old
        .query_one("SELECT current_user::text", &[])
        .await?
        .try_get(0)?;
    let mut left_out = Vec::new();
    for row in old.query(QUERY, &[]).await? {
        let id = ObjectId {
            catalog: row.try_get(0)?,
            oid: row.try_get(1)?,
        };
        let Some((object, on)) = objects
            .get(&id)
            .and_then(|object| Some((*object, target(object)?)))
        else {
            continue;
        };
        let name = follow(&object.identity, moves);
        let grant = Grant {
            column: row.try_get(2)?,
            grantee: row.try_get(3)?,
            privilege: row.try_get(4)?,
            grantable: row.try_get(5)?,
        };
        let (granted, to_owner): (bool, bool) = (row.try_get(6)?, row.try_get(7)?);
        let statement = match (granted, to_owner) {
            (true, true) => continue,
            (false, true) => {
                left_out.push(format!(
                    "taken by the owner from itself: {}",
                    grant.on(on, &name)
                ));
                continue;
            }
            (true, false) if grant.grantee == me => continue,
            (true, false) if !grant.grantee.is_empty() && !roles.contains(&grant.grantee) => {
                left_out.push(format!("{} to {}", grant.on(on, &name), grant.grantee));
                continue;
            }
            (true, false) => grant.give(on, &name),
            (false, false) => grant.take(on, &name),
        };
        errors.extend(run_statement(new, &statement).await?);
    }
    left_out.extend(places::carry(old, new, &roles, errors).await?);
    Ok(left_out)
}

/// A privilege of a role.
pub(super) struct Grant {
    pub(super) column: Option<String>,
    /// Empty for PUBLIC.
    pub(super) grantee: String,
    pub(super) privilege: String,
    pub(super) grantable: bool,
}

impl Grant {
    /// Which privilege on what.
    pub(super) fn on(&self, kind: &str, name: &str) -> String {
        match &self.column {
            Some(column) => format!(
                "{} ({}) on {kind} {name}",
                self.privilege,
                quote_ident(column)
            ),
            None => format!("{} on {kind} {name}", self.privilege),
        }
    }

    pub(super) fn give(&self, kind: &str, name: &str) -> String {
        let option = if self.grantable {
            " WITH GRANT OPTION"
        } else {
            ""
        };
        format!("GRANT {} TO {}{option}", self.on(kind, name), self.role())
    }

    pub(super) fn take(&self, kind: &str, name: &str) -> String {
        format!("REVOKE {} FROM {}", self.on(kind, name), self.role())
    }

    fn role(&self) -> String {
        if self.grantee.is_empty() {
            "PUBLIC".to_owned()
        } else {
            quote_ident(&self.grantee)
        }
    }
}

/// The word that `GRANT` has for an object, for those that are granted on:
/// the customer's, and Connect's own tables, functions and schema.
fn target(object: &Object) -> Option<&'static str> {
    if !matches!(
        object.class,
        Class::Unmanaged | Class::Managed | Class::ConnectInternal
    ) {
        return None;
    }
    Some(match object.kind {
        ObjectKind::Table
        | ObjectKind::PartitionedTable
        | ObjectKind::View
        | ObjectKind::MaterializedView => "TABLE",
        ObjectKind::Sequence => "SEQUENCE",
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => "ROUTINE",
        ObjectKind::CompositeType | ObjectKind::Enum | ObjectKind::Domain | ObjectKind::Range => {
            "TYPE"
        }
        ObjectKind::Schema => "SCHEMA",
        _ => return None,
    })
}

pub(super) async fn roles(session: &Session) -> Result<BTreeSet<String>, Error> {
    let rows = session
        .query("SELECT rolname::text FROM pg_catalog.pg_roles", &[])
        .await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?)
}
