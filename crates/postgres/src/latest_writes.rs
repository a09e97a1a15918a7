//! What an app wrote to mapped tables lately.
//!
//! Connect writes down every change of a mapped table, with the columns that were written
//! (devcenter heroku-connect-trigger-log).

use std::time::Duration;

use tokio_postgres::Row;

use crate::Error;
use crate::session::Session;
use crate::trigger_log::present;

/// How many changes are looked at, the latest ones.
const SAMPLE: i64 = 20_000;

/// The latest changes that an app made to mapped tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LatestWrites {
    /// How long ago the oldest change was made that was looked at; nothing where all were.
    pub reach: Option<Duration>,
    /// Those that were sent within the time asked for, or wait.
    pub writes: Vec<LatestWrite>,
}

/// A change, as the log has it.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestWrite {
    /// The table's name, in the connection's schema.
    pub table: String,
    /// The row's `id`, in this database.
    pub record_id: Option<i64>,
    /// The record's Salesforce id, if it had one then.
    pub sfid: Option<String>,
    /// What was written.
    pub columns: Vec<String>,
    /// How long ago it was sent; nothing where it waits.
    pub sent: Duration,
}

/// Reads the changes that were sent within the time given, or that still wait, by the index on
/// `created_at` that the log and its archive have. What failed or is not for Salesforce is left
/// out. Nothing where there is no log, or it cannot be read as Connect is known to write it.
///
/// # Errors
/// When the server cannot be asked.
pub async fn latest_writes(
    session: &Session,
    schema: &str,
    within: Duration,
) -> Result<Option<LatestWrites>, Error> {
    let mut logs = Vec::new();
    for name in ["_trigger_log", "_trigger_log_archive"] {
        logs.extend(present(session, schema, name).await?);
    }
    let hstore = session
        .query_opt(
            "SELECT extnamespace::regnamespace::text FROM pg_catalog.pg_extension WHERE extname = 'hstore'",
            &[],
        )
        .await?;
    let (Some(hstore), false) = (hstore, logs.is_empty()) else {
        return Ok(None);
    };
    let sql = sql(&logs, hstore.try_get(0)?);
    let rows = session.query(&sql, &[&within.as_secs_f64()]).await?;
    let mut found = LatestWrites::default();
    for row in &rows {
        match row.try_get::<_, Option<String>>(0)? {
            Some(table) => found.writes.push(write(table, row)?),
            None => {
                let reach = seconds(row, 4)?;
                found.reach = Some(found.reach.map_or(reach, |before| before.min(reach)));
            }
        }
    }
    Ok(Some(found))
}

/// The changes, and for each log that has more of them a row without a table that tells how far back
/// these reach.
fn sql(logs: &[String], hstore: &str) -> String {
    let parts: Vec<String> = logs
        .iter()
        .enumerate()
        .map(|(part, log)| {
            format!(
                "(SELECT {part} AS part, state, action, table_name, record_id, sfid, \"values\", created_at, \
                         coalesce(processed_at, pg_catalog.now()) AS sent FROM {log} \
                  ORDER BY created_at DESC LIMIT {SAMPLE})"
            )
        })
        .collect();
    format!(
        "WITH latest AS MATERIALIZED ({}) \
         SELECT table_name::text, record_id::int8, sfid::text, \
                ARRAY(SELECT key FROM {hstore}.each(\"values\"::{hstore}.hstore) \
                      WHERE action <> 'INSERT' OR value IS NOT NULL), \
                extract(epoch FROM pg_catalog.now() - sent)::float8 \
         FROM latest WHERE table_name IS NOT NULL AND sent >= pg_catalog.now() - $1 * interval '1 second' \
               AND state IN ('NEW', 'PENDING', 'SUCCESS', 'MERGED', 'REQUEUE', 'REQUEUED') \
         UNION ALL \
         SELECT NULL, NULL, NULL, NULL, \
                coalesce(extract(epoch FROM pg_catalog.now() - min(created_at)), 0)::float8 \
         FROM latest GROUP BY part HAVING count(*) >= {SAMPLE}",
        parts.join(" UNION ALL ")
    )
}

fn write(table: String, row: &Row) -> Result<LatestWrite, Error> {
    let columns: Vec<String> = row.try_get(3)?;
    Ok(LatestWrite {
        table,
        record_id: row.try_get(1)?,
        sfid: row.try_get(2)?,
        columns: columns.into_iter().filter(|c| is_the_apps(c)).collect(),
        sent: seconds(row, 4)?,
    })
}

/// Not of those that each database has for itself.
fn is_the_apps(column: &str) -> bool {
    !column.starts_with("_hc_") && !["id", "sfid"].contains(&column)
}

fn seconds(row: &Row, column: usize) -> Result<Duration, Error> {
    let seconds: f64 = row.try_get(column)?;
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}
