//! Tables whose rows would not go over: named before the window, where a copy
//! of them would fail.

use crate::Error;
use crate::inventory::{Class, Inventory, Object, ObjectKind};
use crate::session::Session;

/// Why a table's rows do not go over, and what to do.
pub(crate) struct Unfit<'a> {
    pub(crate) table: &'a Object,
    pub(crate) reason: &'static str,
    pub(crate) what_to_do: &'static str,
}

/// Hashes of enums are hashes of oids, which are others on another server
/// (PostgreSQL manual, "pg_dump", option `--load-via-partition-root`). Rows of
/// a managed table's type lack the columns that the new side's table has.
const QUERY: &str = "\
WITH RECURSIVE made_of (relation, hash_key, oid) AS (
    SELECT a.attrelid, a.attnum = ANY (p.partattrs::int2[]) AND p.partstrat = 'h', a.atttypid
    FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = a.attrelid
    WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
  UNION
    SELECT m.relation, m.hash_key, inner_type.oid
    FROM made_of m JOIN pg_catalog.pg_type t ON t.oid = m.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype AS oid WHERE t.typtype = 'd'
        UNION ALL SELECT t.typelem WHERE t.typelem <> 0
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
    ) inner_type
)
SELECT m.relation, 'hash' FROM made_of m JOIN pg_catalog.pg_type t ON t.oid = m.oid WHERE m.hash_key AND t.typtype = 'e'
UNION SELECT m.relation, 'managed' FROM made_of m JOIN pg_catalog.pg_type t ON t.oid = m.oid WHERE t.typrelid = ANY ($2)
ORDER BY 1, 2";

/// Looks for such tables among the customer's.
pub(crate) async fn unfit<'a>(
    session: &Session,
    inventory: &'a Inventory,
) -> Result<Vec<Unfit<'a>>, Error> {
    let oids = |class: Class| -> Vec<u32> {
        inventory
            .objects
            .iter()
            .filter(|object| object.class == class)
            .filter(|object| {
                matches!(
                    object.kind,
                    ObjectKind::Table | ObjectKind::PartitionedTable
                )
            })
            .map(|object| object.id.oid)
            .collect()
    };
    let (own, managed) = (oids(Class::Unmanaged), oids(Class::Managed));
    let mut found = Vec::new();
    for row in session.query(QUERY, &[&own, &managed]).await? {
        let (oid, what): (u32, &str) = (row.try_get(0)?, row.try_get(1)?);
        let (reason, what_to_do) = match what {
            "hash" => (
                "its rows are spread by the hash of an enum, which is another one on another server",
                "partition it by another column, or by the enum's text",
            ),
            _ => (
                "a column holds whole rows of a managed table, whose columns differ in the new database",
                "keep the sfid in its place, or the row as jsonb",
            ),
        };
        let table = inventory.objects.iter().find(|object| {
            object.id.oid == oid
                && matches!(
                    object.kind,
                    ObjectKind::Table | ObjectKind::PartitionedTable
                )
        });
        found.extend(table.map(|table| Unfit {
            table,
            reason,
            what_to_do,
        }));
    }
    Ok(found)
}
