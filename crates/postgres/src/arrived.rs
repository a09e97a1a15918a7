//! Whether another database of the same organisation shows what an app wrote to mapped tables.
//!
//! A record that Salesforce took has its `sfid`, the same in every database; a row's `id` is another
//! one in each (devcenter heroku-connect-duplicate-record-issues).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Error;
use crate::ident::{cut_name, quote_ident};
use crate::latest_writes::LatestWrite;
use crate::session::Session;

/// How many rows are fetched at a time.
const CHUNK: usize = 500;

/// Whether a table of the new database shows what was written to that of the old one: the columns
/// that were written are the same, and what was deleted is gone. What cannot be told, such as a
/// record without a Salesforce id, has not arrived.
///
/// # Errors
/// When a server cannot be asked.
pub async fn have_arrived(
    old: &Session,
    new: &Session,
    schema: &str,
    table: &str,
    writes: &[&LatestWrite],
) -> Result<bool, Error> {
    let Some(rows) = by_row(writes) else {
        return Ok(false);
    };
    let table = format!("{}.{}", quote_ident(schema), quote_ident(cut_name(table)));
    let rows: Vec<_> = rows.into_iter().collect();
    for chunk in rows.chunks(CHUNK) {
        let Some(expected) = expected(old, &table, chunk).await? else {
            return Ok(false);
        };
        if !shown(new, &table, &expected).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What was written to a row, by one or more changes.
#[derive(Default)]
struct Written<'w> {
    sfid: Option<&'w str>,
    columns: BTreeSet<&'w str>,
}

/// Nothing where a change does not say whose it is.
fn by_row<'w>(writes: &[&'w LatestWrite]) -> Option<BTreeMap<i64, Written<'w>>> {
    let mut rows: BTreeMap<_, Written<'_>> = BTreeMap::new();
    for write in writes {
        let row = rows.entry(write.record_id?).or_default();
        row.sfid = row.sfid.or(write.sfid.as_deref());
        row.columns.extend(write.columns.iter().map(String::as_str));
    }
    Some(rows)
}

/// By Salesforce id, the values that a row is to have, or nothing where it is to be gone.
type Expected<'c> = BTreeMap<String, Option<Vec<(&'c str, Value)>>>;

/// Nothing where a record has no Salesforce id.
async fn expected<'w>(
    old: &Session,
    table: &str,
    rows: &[(i64, Written<'w>)],
) -> Result<Option<Expected<'w>>, Error> {
    let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    let sql = format!(
        "SELECT t.id::int8, t.sfid::text, pg_catalog.to_jsonb(t) FROM {table} t WHERE t.id = ANY($1::int8[])"
    );
    let mut present = BTreeMap::new();
    for row in old.query(&sql, &[&ids]).await? {
        let (sfid, values): (Option<String>, Value) = (row.try_get(1)?, row.try_get(2)?);
        present.insert(row.try_get::<_, i64>(0)?, (sfid, values));
    }
    let mut expected = BTreeMap::new();
    for (id, written) in rows {
        let (sfid, values) = match present.remove(id) {
            Some((sfid, values)) => (sfid, Some(of_columns(&values, &written.columns))),
            None => (written.sfid.map(str::to_owned), None),
        };
        let Some(sfid) = sfid else {
            return Ok(None);
        };
        expected.insert(sfid, values);
    }
    Ok(Some(expected))
}

fn of_columns<'c>(row: &Value, columns: &BTreeSet<&'c str>) -> Vec<(&'c str, Value)> {
    let value = |column: &&'c str| (*column, row.get(column).cloned().unwrap_or_default());
    columns.iter().map(value).collect()
}

async fn shown(new: &Session, table: &str, expected: &Expected<'_>) -> Result<bool, Error> {
    let sfids: Vec<&String> = expected.keys().collect();
    let sql = format!(
        "SELECT t.sfid::text, pg_catalog.to_jsonb(t) FROM {table} t WHERE t.sfid = ANY($1::text[])"
    );
    let mut present = BTreeMap::new();
    for row in new.query(&sql, &[&sfids]).await? {
        present.insert(row.try_get::<_, String>(0)?, row.try_get::<_, Value>(1)?);
    }
    Ok(expected
        .iter()
        .all(|(sfid, values)| match (values, present.get(sfid)) {
            (None, row) => row.is_none(),
            (Some(_), None) => false,
            (Some(values), Some(row)) => values
                .iter()
                .all(|(column, value)| row.get(column) == Some(value)),
        }))
}
