//! Comments and grants of large objects: no archive of a schema has them.

use std::collections::BTreeSet;

use crate::Error;
use crate::ident::{quote_ident, quote_literal};
use crate::session::Session;

const COMMENTS: &str = "\
SELECT m.oid, d.description FROM pg_catalog.pg_largeobject_metadata m
JOIN pg_catalog.pg_description d ON d.objoid = m.oid AND d.classoid = 'pg_largeobject'::regclass ORDER BY 1";

/// Privileges of others than the owner; `grantee` is empty for PUBLIC.
const GRANTS: &str = "\
SELECT m.oid, coalesce(r.rolname::text, ''), x.privilege_type, x.is_grantable
FROM pg_catalog.pg_largeobject_metadata m CROSS JOIN LATERAL pg_catalog.aclexplode(m.lomacl) x
LEFT JOIN pg_catalog.pg_roles r ON r.oid = x.grantee
WHERE x.grantee <> m.lomowner AND (x.grantee = 0 OR r.oid IS NOT NULL) ORDER BY 1, 2, 3";

/// Gives the new side's large objects the old side's comments, and the grants
/// to roles that are there; returns the other grants, in words.
pub(super) async fn mark(old: &Session, new: &Session) -> Result<Vec<String>, Error> {
    for row in old.query(COMMENTS, &[]).await? {
        let (oid, comment): (u32, String) = (row.try_get(0)?, row.try_get(1)?);
        let comment = quote_literal(&comment);
        new.batch_execute(&format!("COMMENT ON LARGE OBJECT {oid} IS {comment}"))
            .await?;
    }
    let roles: BTreeSet<String> = new
        .query("SELECT rolname::text FROM pg_catalog.pg_roles", &[])
        .await?
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    let mut left_out = Vec::new();
    for row in old.query(GRANTS, &[]).await? {
        let (oid, grantee): (u32, String) = (row.try_get(0)?, row.try_get(1)?);
        let (privilege, grantable): (String, bool) = (row.try_get(2)?, row.try_get(3)?);
        if !grantee.is_empty() && !roles.contains(&grantee) {
            left_out.push(format!("{privilege} on large object {oid} to {grantee}"));
            continue;
        }
        let to = match grantee.as_str() {
            "" => "PUBLIC".to_owned(),
            role => quote_ident(role),
        };
        let option = if grantable { " WITH GRANT OPTION" } else { "" };
        new.batch_execute(&format!(
            "GRANT {privilege} ON LARGE OBJECT {oid} TO {to}{option}"
        ))
        .await?;
    }
    Ok(left_out)
}
