//! The columns of tables, and whether their rows can travel in binary form.

use std::collections::BTreeMap;

use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::session::Session;

/// A column that can be copied: not dropped, not generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The type as the server writes it.
    type_name: String,
    /// The oid of the type, or of what a domain is made of, where that oid is
    /// the same on every server and in its binary form nothing else depends on
    /// the server; 0 where it is not.
    portable: u32,
}

/// Built-in types and domains over them, and enums (whose binary form is their
/// label). Types of extensions, composites, and arrays and ranges of such carry
/// oids of their server in binary form or may differ in version; the `reg…`
/// types carry oids that mean something else on another server.
const QUERY: &str = "\
WITH RECURSIVE base (at, attnum, attname, typname, oid) AS (
    SELECT w.at, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypid
    FROM unnest($1::text[]) WITH ORDINALITY AS w (relation, at)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass(w.relation)
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  UNION ALL
    SELECT b.at, b.attnum, b.attname, b.typname, t.typbasetype
    FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype = 'd'
)
SELECT b.at, b.attname::text, b.typname,
       CASE WHEN t.typtype = 'e' THEN 25::oid
            WHEN t.oid < 16384 AND t.typsend <> 0 AND t.typreceive <> 0
                 AND t.typname !~ '^_?reg' AND t.typtype <> 'c' AND t.typname NOT IN ('oid', '_oid', 'aclitem', '_aclitem') THEN t.oid
            ELSE 0::oid END
FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
ORDER BY b.at, b.attnum";

/// Reads the columns that can be copied, in their order, of all these tables in
/// one question. A table that is not there has none.
pub(crate) async fn read(
    session: &Session,
    tables: &[TableRef],
) -> Result<Vec<Vec<Column>>, Error> {
    let names: Vec<String> = tables.iter().map(TableRef::sql).collect();
    let mut all = vec![Vec::new(); tables.len()];
    for row in session.query(QUERY, &[&names]).await? {
        let at: i64 = row.try_get(0)?;
        let columns = usize::try_from(at - 1).ok().and_then(|at| all.get_mut(at));
        if let Some(columns) = columns {
            columns.push(Column {
                name: row.try_get(1)?,
                type_name: row.try_get(2)?,
                portable: row.try_get(3)?,
            });
        }
    }
    Ok(all)
}

/// The names of all columns, generated ones too, in their order, of each table.
pub(crate) async fn names(
    session: &Session,
    tables: &[TableRef],
) -> Result<BTreeMap<TableRef, Vec<String>>, Error> {
    let wanted: Vec<String> = tables.iter().map(TableRef::sql).collect();
    let rows = session
        .query(
            "SELECT w.at, a.attname::text FROM unnest($1::text[]) WITH ORDINALITY AS w (relation, at) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass(w.relation) \
             WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY w.at, a.attnum",
            &[&wanted],
        )
        .await?;
    let mut all: BTreeMap<TableRef, Vec<String>> = tables
        .iter()
        .map(|table| (table.clone(), Vec::new()))
        .collect();
    for row in rows {
        let at: i64 = row.try_get(0)?;
        let table = usize::try_from(at - 1).ok().and_then(|at| tables.get(at));
        if let Some(columns) = table.and_then(|table| all.get_mut(table)) {
            columns.push(row.try_get(1)?);
        }
    }
    Ok(all)
}

/// Whether rows can travel in binary form: every column has the same portable
/// type on both sides.
pub(crate) fn binary(old: &[Column], new: &[Column]) -> bool {
    old.iter().all(|column| {
        column.portable != 0
            && new.iter().any(|other| {
                other.name == column.name
                    && other.portable == column.portable
                    && other.type_name == column.type_name
            })
    })
}

/// The columns as a list; nothing for a table without columns.
pub(crate) fn list(columns: &[Column]) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| quote_ident(&column.name))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, type_name: &str, portable: u32) -> Column {
        Column {
            name: name.into(),
            type_name: type_name.into(),
            portable,
        }
    }

    #[test]
    fn one_column_that_is_not_portable_makes_the_table_travel_as_text() {
        let plain = [column("a", "integer", 23), column("b", "text", 25)];
        assert!(binary(&plain, &plain));
        let citext = [column("a", "integer", 23), column("b", "public.citext", 0)];
        assert!(!binary(&citext, &citext));
        let wider = [column("a", "bigint", 20), column("b", "text", 25)];
        assert!(!binary(&plain, &wider));
        assert!(!binary(&plain, &plain[..1]));
    }
}
