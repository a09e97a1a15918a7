//! What depends on the `id` of a managed table. Connect numbers rows anew in a
//! new database, so these would point at other rows after the swap.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::ident::TableRef;
use crate::managed::ManagedSpec;
use crate::session::Session;

/// How the `id` is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A foreign key to it.
    ForeignKey,
    /// A view that uses it.
    View,
    /// A materialized view that uses it.
    MaterializedView,
}

/// A use of a managed table's `id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdReference {
    /// How it is used.
    pub kind: ReferenceKind,
    /// The referencing table, or the view.
    pub relation: TableRef,
    /// The foreign key's name; for views the view's own.
    pub name: String,
    /// The managed table whose `id` it is.
    pub managed: TableRef,
}

const QUERY: &str = "\
WITH managed AS (
    SELECT c.oid, n.nspname, c.relname, a.attnum
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped
    WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
)
SELECT 'f', n.nspname::text, c.relname::text, k.conname::text, m.nspname::text, m.relname::text
FROM pg_catalog.pg_constraint k JOIN managed m ON k.confrelid = m.oid AND m.attnum = ANY (k.confkey)
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
UNION
SELECT c.relkind::text, n.nspname::text, c.relname::text, c.relname::text, m.nspname::text, m.relname::text
FROM pg_catalog.pg_depend d JOIN managed m ON d.refobjid = m.oid AND d.refobjsubid = m.attnum
JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND c.relkind IN ('v', 'm')
ORDER BY 2, 3, 4";

/// Finds foreign keys to, and views on, the `id` of managed tables. What a
/// function or the application does with an `id` cannot be known.
///
/// # Errors
/// When the server cannot be asked.
pub async fn id_references(
    session: &Session,
    spec: &ManagedSpec,
) -> Result<Vec<IdReference>, Error> {
    let names: Vec<String> = spec
        .table_refs()
        .into_iter()
        .map(|table| table.name)
        .collect();
    let rows = session.query(QUERY, &[&spec.schema, &names]).await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.try_get(0)?;
            Ok(IdReference {
                kind: match kind.as_str() {
                    "f" => ReferenceKind::ForeignKey,
                    "v" => ReferenceKind::View,
                    _ => ReferenceKind::MaterializedView,
                },
                relation: TableRef {
                    schema: row.try_get(1)?,
                    name: row.try_get(2)?,
                },
                name: row.try_get(3)?,
                managed: TableRef {
                    schema: row.try_get(4)?,
                    name: row.try_get(5)?,
                },
            })
        })
        .collect()
}
