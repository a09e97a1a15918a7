//! How long Connect took lately to send what an app wrote.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::ident::quote_ident;
use crate::session::Session;

/// How many changes are looked at, the latest ones.
const SAMPLE: i64 = 1000;

/// What the log tells of the latest changes that were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct DrainHistory {
    /// How many changes the figures are from; with 0 they say nothing.
    pub changes: i64,
    /// Seconds from a change to the end of its processing, of every second one at most.
    pub median: f64,
    /// The same of 95 in 100.
    pub slow: f64,
    /// The most that were processed within one minute.
    pub busiest_minute: i64,
}

/// Reads it from the log and its archive, by the index on `created_at` that both have.
///
/// Connect moves what is processed from `_trigger_log` to `_trigger_log_archive` and keeps it there
/// for 7 or 31 days (devcenter heroku-connect-trigger-log). That `processed_at` is the end of the
/// processing is no more than its name says.
///
/// # Errors
/// When the server cannot be asked.
pub async fn drain_history(session: &Session, schema: &str) -> Result<DrainHistory, Error> {
    let mut parts = Vec::new();
    for table in ["_trigger_log", "_trigger_log_archive"] {
        let quoted = format!("{}.{}", quote_ident(schema), quote_ident(table));
        let there: bool = session
            .query_one("SELECT pg_catalog.to_regclass($1) IS NOT NULL", &[&quoted])
            .await?
            .try_get(0)?;
        if there {
            parts.push(format!(
                "(SELECT state, created_at, processed_at FROM {quoted} \
                  ORDER BY created_at DESC LIMIT {SAMPLE})"
            ));
        }
    }
    if parts.is_empty() {
        return Ok(DrainHistory::default());
    }
    let row = session.query_one(&sql(&parts), &[]).await?;
    Ok(DrainHistory {
        changes: row.try_get(0)?,
        median: row.try_get(1)?,
        slow: row.try_get(2)?,
        busiest_minute: row.try_get(3)?,
    })
}

fn sql(parts: &[String]) -> String {
    format!(
        "WITH sent AS ( \
             SELECT processed_at, \
                    greatest(extract(epoch FROM processed_at - created_at), 0)::float8 AS took \
             FROM ({}) AS latest \
             WHERE state IN ('SUCCESS', 'MERGED') AND processed_at IS NOT NULL \
                   AND created_at IS NOT NULL) \
         SELECT count(*), \
                coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY took), 0)::float8, \
                coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY took), 0)::float8, \
                coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM sent \
                    GROUP BY date_trunc('minute', processed_at)) AS minutes), 0) \
         FROM sent",
        parts.join(" UNION ALL ")
    )
}
