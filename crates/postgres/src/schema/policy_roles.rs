//! Roles that policies name. A policy for a role that the new side has not
//! cannot be made, and would be refused only in the window. The old side's own
//! role is none of them: its place is taken by the new side's.

use crate::Error;
use crate::error::RestoreError;
use crate::inventory::{Inventory, ObjectKind};
use crate::session::Session;

/// `undefined_object`, as the server answers to such a policy.
const UNDEFINED_OBJECT: &str = "42704";

const QUERY: &str = "\
SELECT p.oid, r.rolname::text FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_roles r ON r.oid = ANY (p.polroles)
WHERE p.oid = ANY ($1) AND r.rolname <> current_user ORDER BY 1, 2";

/// Refuses beforehand what the new side would refuse.
pub(super) async fn refuse_unknown(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
    errors: &mut Vec<RestoreError>,
) -> Result<(), Error> {
    let policies: Vec<_> = inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::Policy)
        .collect();
    let oids: Vec<u32> = policies.iter().map(|object| object.id.oid).collect();
    for row in old.query(QUERY, &[&oids]).await? {
        let (oid, role): (u32, String) = (row.try_get(0)?, row.try_get(1)?);
        let there = new
            .query_opt(
                "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1",
                &[&role],
            )
            .await?;
        let policy = policies.iter().find(|object| object.id.oid == oid);
        if let (None, Some(policy)) = (there, policy) {
            errors.push(RestoreError {
                statement: format!("CREATE POLICY {}", policy.identity),
                message: format!(
                    "role \"{role}\" does not exist in the new database; make that credential there first"
                ),
                sqlstate: Some(UNDEFINED_OBJECT.to_owned()),
            });
        }
    }
    Ok(())
}
