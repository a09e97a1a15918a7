//! How far the columns are that own sequences.

use super::state::place;
use super::{AT_ONCE, State};
use crate::Error;
use crate::ident::quote_ident;
use crate::inventory::Object;
use crate::session::Session;

/// Which of the columns hold whole numbers.
const WHOLE_NUMBERS: &str = "\
SELECT w.at
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w (schema, name, attribute, at)
JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = w.attribute
WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
ORDER BY w.at";

/// For each sequence the number in its owning column that is farthest in its
/// direction; `None` without such a column, or where it holds no whole numbers.
/// Reads whole tables where the column has no index.
pub(super) async fn extremes(
    session: &Session,
    sequences: &[(&Object, State)],
) -> Result<Vec<Option<i64>>, Error> {
    let mut found = vec![None; sequences.len()];
    let (mut owned, mut schemas, mut names, mut columns) = (vec![], vec![], vec![], vec![]);
    for (at, (object, _)) in sequences.iter().enumerate() {
        if let (Some(table), Some(column)) = (&object.table, object.columns.first()) {
            owned.push((at, table, column));
            schemas.push(&table.schema);
            names.push(&table.name);
            columns.push(column);
        }
    }
    let mut selects = Vec::new();
    for row in session
        .query(WHOLE_NUMBERS, &[&schemas, &names, &columns])
        .await?
    {
        let (at, table, column) = owned[place(row.try_get(0)?, owned.len())?];
        let function = if sequences[at].1.increment < 0 {
            "min"
        } else {
            "max"
        };
        selects.push(format!(
            "SELECT {}::int8, {function}({})::int8 FROM {}",
            at + 1,
            quote_ident(column),
            table.sql()
        ));
    }
    for some in selects.chunks(AT_ONCE) {
        for row in session.query(&some.join(" UNION ALL "), &[]).await? {
            found[place(row.try_get(0)?, sequences.len())?] = row.try_get(1)?;
        }
    }
    Ok(found)
}
