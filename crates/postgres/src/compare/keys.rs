//! Finds the first keys whose rows differ, without bringing the table over: by
//! the sums of a few thousand buckets first, then by the rows of some of them.

use std::collections::BTreeMap;

use super::sums::row_hash;
use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::session::{DatabaseUrl, Purpose, Session, connect};

const BUCKETS: i64 = 4096;
/// Buckets that are looked into.
const BUCKETS_SHOWN: usize = 4;
/// Keys that are named.
const KEYS_SHOWN: usize = 10;

/// The columns of the primary key, or of a unique index that has every row
/// (PostgreSQL manual, "pg_index").
const KEY: &str = "\
SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, at)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.at)
FROM pg_catalog.pg_index i
WHERE i.indrelid = pg_catalog.to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
  AND (i.indisprimary OR NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
       WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull))
ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1";

/// Keys whose rows are on one side only or differ, as the server writes them;
/// none where the table has no key.
pub(super) async fn first_differing(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    table: &TableRef,
    columns: &[String],
) -> Result<Vec<String>, Error> {
    let old = connect(old, Purpose::ReadOnly, "compare").await?;
    let new = connect(new, Purpose::ReadOnly, "compare").await?;
    let Some(row) = old.query_opt(KEY, &[&table.sql()]).await? else {
        return Ok(Vec::new());
    };
    let key: Vec<String> = row
        .try_get::<_, Vec<String>>(0)?
        .iter()
        .map(|column| format!("t.{}", quote_ident(column)))
        .collect();
    let key = format!("(ROW({}))::text COLLATE pg_catalog.\"C\"", key.join(", "));
    let bucket = format!("pg_catalog.hashtextextended({key}, 0) & {}", BUCKETS - 1);
    let (name, hash) = (table.sql(), row_hash(columns));
    let sums = format!(
        "SELECT ({bucket})::text, concat_ws(' ', count(*), sum({hash}::numeric)) FROM ONLY {name} AS t GROUP BY 1"
    );
    let differing = differing(&old, &new, &sums).await?;
    if differing.is_empty() {
        return Ok(Vec::new());
    }
    let some: Vec<String> = differing.into_iter().take(BUCKETS_SHOWN).collect();
    let rows = format!(
        "SELECT {key}, {hash}::text FROM ONLY {name} AS t WHERE ({bucket}) IN ({})",
        some.join(", ")
    );
    let mut keys = self::differing(&old, &new, &rows).await?;
    keys.truncate(KEYS_SHOWN);
    Ok(keys)
}

/// The first values of a two-column query that are not the same on both sides.
async fn differing(old: &Session, new: &Session, sql: &str) -> Result<Vec<String>, Error> {
    let (here, there) = tokio::try_join!(pairs(old, sql), pairs(new, sql))?;
    let changed = here
        .iter()
        .filter(|(key, value)| there.get(*key) != Some(value));
    let added = there.keys().filter(|key| !here.contains_key(*key));
    let mut all: Vec<String> = changed.map(|(key, _)| key).chain(added).cloned().collect();
    all.sort();
    Ok(all)
}

async fn pairs(session: &Session, sql: &str) -> Result<BTreeMap<String, String>, Error> {
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
