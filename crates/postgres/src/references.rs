//! What depends on the `id` of a managed table. Connect numbers rows anew in a
//! new database, so these would point at other rows after the swap.

use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use crate::Error;
use crate::ident::{TableRef, cut_name};
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
    /// A rule that uses it.
    Rule,
    /// A row-level security policy that uses it.
    Policy,
    /// A function whose body the server has parsed (`BEGIN ATOMIC`), and that
    /// uses it.
    Function,
    /// A column of whole numbers that is named as if it held it. A guess.
    Column,
}

impl ReferenceKind {
    fn from_query(kind: &str) -> Result<Self, Error> {
        Ok(match kind {
            "f" => Self::ForeignKey,
            "v" => Self::View,
            "m" => Self::MaterializedView,
            "rule" => Self::Rule,
            "policy" => Self::Policy,
            "function" => Self::Function,
            "column" => Self::Column,
            other => return Err(Error::Protocol(format!("a reference of kind {other}"))),
        })
    }
}

/// A use of a managed table's `id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdReference {
    /// How it is used.
    pub kind: ReferenceKind,
    /// The referencing table, the view, or the function's schema and name.
    pub relation: TableRef,
    /// The name of the foreign key, rule, policy or column; for views and
    /// functions their own.
    pub name: String,
    /// The managed table whose `id` it is.
    pub managed: TableRef,
}

/// A whole row of a table, as `row_to_json(account)` has it, holds its `id`
/// too. The catalogs note a dependency on the table only, as for `count(*)`:
/// what tells them apart is a variable of column 0 and the table's row type in
/// the stored tree. `prosqlbody` is there since version 14.
const QUERY: &str = "\
WITH managed AS (
    SELECT c.oid, n.nspname, c.relname, a.attnum, '%:varattno 0 :vartype ' || c.reltype || ' %' AS whole_row
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped
    WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
), used AS (
    SELECT d.classid, d.objid, m.nspname, m.relname, m.whole_row, bool_or(d.refobjsubid = m.attnum) AS by_name
    FROM pg_catalog.pg_depend d JOIN managed m ON d.refobjid = m.oid
    WHERE d.refclassid = 'pg_class'::regclass AND d.deptype IN ('n', 'a')
      AND d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass)
    GROUP BY d.classid, d.objid, m.nspname, m.relname, m.whole_row
)
SELECT 'f', n.nspname::text, c.relname::text, k.conname::text, m.nspname::text, m.relname::text
FROM pg_catalog.pg_constraint k JOIN managed m ON k.confrelid = m.oid AND m.attnum = ANY (k.confkey)
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
UNION
SELECT CASE WHEN c.relkind IN ('v', 'm') AND r.rulename = '_RETURN' THEN c.relkind::text ELSE 'rule' END,
       n.nspname::text, c.relname::text,
       CASE WHEN r.rulename = '_RETURN' THEN c.relname ELSE r.rulename END::text, u.nspname::text, u.relname::text
FROM used u JOIN pg_catalog.pg_rewrite r ON u.classid = 'pg_rewrite'::regclass AND r.oid = u.objid
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE u.by_name OR concat(r.ev_action::text, r.ev_qual::text) LIKE u.whole_row
UNION
SELECT 'policy', n.nspname::text, c.relname::text, p.polname::text, u.nspname::text, u.relname::text
FROM used u JOIN pg_catalog.pg_policy p ON u.classid = 'pg_policy'::regclass AND p.oid = u.objid
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE u.by_name OR concat(p.polqual::text, p.polwithcheck::text) LIKE u.whole_row
UNION
SELECT 'function', n.nspname::text, p.proname::text, p.proname::text, u.nspname::text, u.relname::text
FROM used u JOIN pg_catalog.pg_proc p ON u.classid = 'pg_proc'::regclass AND p.oid = u.objid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE u.by_name OR pg_catalog.to_jsonb(p) ->> 'prosqlbody' LIKE u.whole_row
ORDER BY 2, 3, 4";

/// Columns of whole numbers with one of the given names, in tables that are
/// neither managed, nor Connect's, nor an extension's. One that refers to
/// something else, or numbers its own rows, is none.
const NAMED: &str = "\
SELECT 'column', n.nspname::text, c.relname::text, a.attname::text, $1::text, w.managed
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN unnest($2::text[], $3::text[]) AS w (name, managed) ON w.name = lower(a.attname)
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'connect_swap')
  AND NOT (n.nspname = $1::text AND c.relname = ANY ($4::text[]))
  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
  AND a.attidentity = '' AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_attrdef d
      WHERE d.adrelid = c.oid AND d.adnum = a.attnum AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 2, 3, 4";

/// Finds what uses the `id` of managed tables: foreign keys, views, rules,
/// policies, parsed functions, and columns that are named as if they held it.
/// What a function's text or the application does with an `id` cannot be known.
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
    let sure = session.query(QUERY, &[&spec.schema, &names]).await?;
    let (wanted, of): (Vec<String>, Vec<String>) = names
        .iter()
        .flat_map(|table| column_names(table).map(|name| (name, table.clone())))
        .unzip();
    let connects: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .chain(ManagedSpec::INTERNAL_TABLES)
        .collect();
    let guessed = session
        .query(NAMED, &[&spec.schema, &wanted, &of, &connects])
        .await?;
    sure.iter().chain(&guessed).map(read).collect()
}

fn read(row: &Row) -> Result<IdReference, Error> {
    Ok(IdReference {
        kind: ReferenceKind::from_query(row.try_get(0)?)?,
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
}

/// What a column that holds a table's `id` would be called: the table, without
/// the ending of custom objects too, in the singular and the plural.
fn column_names(table: &str) -> impl Iterator<Item = String> {
    let plain = table.strip_suffix("__c").unwrap_or(table);
    let mut words = vec![table.to_owned(), plain.to_owned(), format!("{plain}s")];
    words.extend(plain.strip_suffix('s').map(str::to_owned));
    words.extend(plain.strip_suffix("es").map(str::to_owned));
    words.extend(plain.strip_suffix('y').map(|stem| format!("{stem}ies")));
    words.extend(plain.strip_suffix("ies").map(|stem| format!("{stem}y")));
    words.sort();
    words.dedup();
    words
        .into_iter()
        .map(|word| cut_name(&format!("{word}_id")).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_plural_and_custom_objects_are_thought_of() {
        let names = |table| column_names(table).collect::<Vec<_>>();
        assert_eq!(names("account"), ["account_id", "accounts_id"]);
        assert!(names("opportunity").contains(&"opportunities_id".to_owned()));
        assert!(names("stories__c").contains(&"story_id".to_owned()));
        for name in ["record__c_id", "record_id", "records_id"] {
            assert!(names("record__c").contains(&name.to_owned()), "{name}");
        }
    }
}
