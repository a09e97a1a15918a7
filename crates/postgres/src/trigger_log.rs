//! Connect's log of changes to send to Salesforce, and rows that never got
//! there.

use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use crate::Error;
use crate::ident::{TableRef, cut_name, quote_ident};
use crate::managed::{Access, ManagedSpec};
use crate::session::Session;

/// How many ids of unsynced rows are shown for each table.
const SAMPLE: i64 = 10;

/// What a connection's `_trigger_log` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerLog {
    /// Whether there is a log at all: a connection that only reads may have none.
    pub present: bool,
    /// Changes in state `NEW`: not looked at yet.
    pub new: i64,
    /// Changes in state `PENDING`: being sent.
    pub pending: i64,
    /// Changes in state `FAILED`, still in the log.
    pub failed: i64,
    /// Changes in state `FAILED` in the archive.
    pub failed_archived: i64,
    /// The highest id; a log that grows has writers.
    pub max_id: i64,
}

/// A change that Salesforce did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRow {
    /// The change's id in the log.
    pub id: i64,
    /// When it was made, as the log has it.
    pub created_at: Option<String>,
    /// `INSERT`, `UPDATE` or `DELETE`.
    pub action: Option<String>,
    /// The mapped table.
    pub table: Option<String>,
    /// The row's `id` in it.
    pub record_id: Option<i64>,
    /// The record's Salesforce id, if it has one.
    pub sfid: Option<String>,
    /// What Salesforce or Connect said.
    pub message: Option<String>,
}

/// Rows of a mapped table that Salesforce does not have as they are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsyncedTable {
    /// The table.
    pub table: TableRef,
    /// Rows without a Salesforce id: they are not in Salesforce.
    pub without_sfid: i64,
    /// Rows whose last write failed (`_hc_lastop` is `FAILED`, or `_hc_err` is
    /// set).
    pub failed: i64,
    /// How many rows are one or the other.
    pub count: i64,
    /// The `id`s of some of them.
    pub sample_ids: Vec<i64>,
}

/// Reads the state of the log of the connection whose schema this is. Counting
/// what is `NEW` and `PENDING` is cheap: Connect has a partial index for it.
///
/// # Errors
/// When the server cannot be asked.
pub async fn trigger_log(session: &Session, schema: &str) -> Result<TriggerLog, Error> {
    let Some(log) = present(session, schema, "_trigger_log").await? else {
        return Ok(TriggerLog::default());
    };
    let sql = format!(
        "SELECT (SELECT count(*) FROM {log} WHERE state = 'NEW'), \
                (SELECT count(*) FROM {log} WHERE state = 'PENDING'), \
                (SELECT count(*) FROM {log} WHERE state = 'FAILED'), \
                coalesce((SELECT max(id) FROM {log}), 0)::int8"
    );
    let row = session.query_one(&sql, &[]).await?;
    let failed_archived = match present(session, schema, "_trigger_log_archive").await? {
        Some(archive) => {
            let sql = format!("SELECT count(*) FROM {archive} WHERE state = 'FAILED'");
            session.query_one(&sql, &[]).await?.try_get(0)?
        }
        None => 0,
    };
    Ok(TriggerLog {
        present: true,
        new: row.try_get(0)?,
        pending: row.try_get(1)?,
        failed: row.try_get(2)?,
        failed_archived,
        max_id: row.try_get(3)?,
    })
}

/// Lists changes in state `FAILED` that are still in the log, the latest first.
///
/// # Errors
/// When the server cannot be asked.
pub async fn failed_rows(
    session: &Session,
    schema: &str,
    limit: i64,
) -> Result<Vec<FailedRow>, Error> {
    let Some(log) = present(session, schema, "_trigger_log").await? else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT id::int8, created_at::text, action::text, table_name::text, record_id::int8, \
                sfid::text, sf_message FROM {log} WHERE state = 'FAILED' ORDER BY id DESC LIMIT $1"
    );
    session
        .query(&sql, &[&limit])
        .await?
        .iter()
        .map(failed)
        .collect()
}

fn failed(row: &Row) -> Result<FailedRow, Error> {
    Ok(FailedRow {
        id: row.try_get(0)?,
        created_at: row.try_get(1)?,
        action: row.try_get(2)?,
        table: row.try_get(3)?,
        record_id: row.try_get(4)?,
        sfid: row.try_get(5)?,
        message: row.try_get(6)?,
    })
}

/// Finds the rows of read-write mappings that Salesforce does not have as they
/// are here: they would stay behind. Reads each table once. Tables without such
/// rows are not listed.
///
/// # Errors
/// When the server cannot be asked.
pub async fn unsynced_rows(
    session: &Session,
    spec: &ManagedSpec,
) -> Result<Vec<UnsyncedTable>, Error> {
    let mut found = Vec::new();
    for mapping in spec
        .tables
        .iter()
        .filter(|table| table.access == Access::ReadWrite)
    {
        let name = cut_name(&mapping.name);
        if present(session, &spec.schema, name).await?.is_none() {
            continue;
        }
        let table = TableRef::new(&spec.schema, name);
        let row = session.query_one(&unsynced_sql(&table), &[&SAMPLE]).await?;
        let unsynced = UnsyncedTable {
            table,
            without_sfid: row.try_get(0)?,
            failed: row.try_get(1)?,
            count: row.try_get(2)?,
            sample_ids: row.try_get(3)?,
        };
        if unsynced.count > 0 {
            found.push(unsynced);
        }
    }
    Ok(found)
}

fn unsynced_sql(table: &TableRef) -> String {
    format!(
        "WITH unsynced AS MATERIALIZED ( \
             SELECT id::int8, sfid IS NULL AS absent, \
                    (_hc_lastop = 'FAILED' OR coalesce(_hc_err, '') <> '') IS TRUE AS failed \
             FROM {} WHERE sfid IS NULL OR _hc_lastop = 'FAILED' OR coalesce(_hc_err, '') <> '') \
         SELECT count(*) FILTER (WHERE absent), count(*) FILTER (WHERE failed), count(*), \
                ARRAY(SELECT id FROM unsynced ORDER BY id LIMIT $1) FROM unsynced",
        table.sql()
    )
}

/// The quoted name of a table, if it is there.
pub(crate) async fn present(
    session: &Session,
    schema: &str,
    name: &str,
) -> Result<Option<String>, Error> {
    let quoted = format!("{}.{}", quote_ident(schema), quote_ident(name));
    let there: bool = session
        .query_one("SELECT pg_catalog.to_regclass($1) IS NOT NULL", &[&quoted])
        .await?
        .try_get(0)?;
    Ok(there.then_some(quoted))
}
