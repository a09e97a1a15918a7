//! Privileges: given again to the roles that the new side has.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::run_statement;
use crate::Error;
use crate::error::RestoreError;
use crate::ident::quote_ident;
use crate::inventory::{Class, Inventory, Object, ObjectId, ObjectKind};
use crate::session::Session;
use crate::text::{Moves, follow};

/// Every privilege that is given to another than the owner; `grantee` is empty
/// for PUBLIC. The last column tells that PUBLIC's usual right was taken away.
const QUERY: &str = "\
WITH item AS (
    SELECT 'pg_class'::regclass::oid AS catalog, oid, relowner AS owner, NULL::text AS col, relacl AS acl, false AS revoked FROM pg_catalog.pg_class
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, c.relowner, a.attname::text, a.attacl, false
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE NOT a.attisdropped
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, proowner, NULL, proacl,
           NOT EXISTS (SELECT FROM pg_catalog.aclexplode(proacl) x WHERE x.grantee = 0) FROM pg_catalog.pg_proc
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typowner, NULL, typacl,
           NOT EXISTS (SELECT FROM pg_catalog.aclexplode(typacl) x WHERE x.grantee = 0) FROM pg_catalog.pg_type
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, nspowner, NULL, nspacl, false FROM pg_catalog.pg_namespace
)
SELECT i.catalog, i.oid, i.col, coalesce(r.rolname::text, ''), x.privilege_type, x.is_grantable, i.revoked
FROM item i CROSS JOIN LATERAL pg_catalog.aclexplode(i.acl) x
LEFT JOIN pg_catalog.pg_roles r ON r.oid = x.grantee
WHERE i.acl IS NOT NULL AND (x.grantee <> i.owner OR i.revoked) AND (i.oid >= 16384)
ORDER BY 1, 2, 3, 4, 5";

/// Grants on the new side what the old side grants; returns the grants whose
/// role the new side has not.
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
    let mut revoked = BTreeSet::new();
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
        if row.try_get::<_, bool>(6)? && revoked.insert(id) {
            errors.extend(
                run_statement(new, &format!("REVOKE ALL ON {on} {name} FROM PUBLIC")).await?,
            );
        }
        let grant = Grant {
            column: row.try_get(2)?,
            grantee: row.try_get(3)?,
            privilege: row.try_get(4)?,
            grantable: row.try_get(5)?,
        };
        if grant.grantee == me {
            continue;
        }
        if !grant.grantee.is_empty() && !roles.contains(&grant.grantee) {
            left_out.push(format!(
                "{} on {on} {name} to {}",
                grant.what(),
                grant.grantee
            ));
            continue;
        }
        errors.extend(run_statement(new, &grant.sql(on, &name)).await?);
    }
    Ok(left_out)
}

struct Grant {
    column: Option<String>,
    grantee: String,
    privilege: String,
    grantable: bool,
}

impl Grant {
    fn what(&self) -> String {
        match &self.column {
            Some(column) => format!("{} ({})", self.privilege, quote_ident(column)),
            None => self.privilege.clone(),
        }
    }

    fn sql(&self, on: &str, name: &str) -> String {
        let to = if self.grantee.is_empty() {
            "PUBLIC".to_owned()
        } else {
            quote_ident(&self.grantee)
        };
        let option = if self.grantable {
            " WITH GRANT OPTION"
        } else {
            ""
        };
        format!("GRANT {} ON {on} {name} TO {to}{option}", self.what())
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
