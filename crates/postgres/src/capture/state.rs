//! What is captured, as the old database remembers it.

use serde::{Deserialize, Serialize};

use super::unit::Unit;
use crate::Error;
use crate::session::{Session, Timelines};

/// The table that holds it.
pub(crate) const STATE: &str = "connect_swap.capture";

/// Makes the tables. `relation` is an oid that may mean nothing any more. A
/// crash of the server empties every unlogged table: the canary tells.
pub(super) const TABLES: &str = "\
CREATE SCHEMA IF NOT EXISTS connect_swap;
CREATE TABLE IF NOT EXISTS connect_swap.capture (
    unit integer PRIMARY KEY,
    run text NOT NULL,
    definition jsonb NOT NULL,
    roots oid[] NOT NULL,
    log_limit bigint NOT NULL,
    capture_limit bigint NOT NULL,
    fingerprint text,
    installed_at timestamptz,
    seeded_at timestamptz,
    applied_at timestamptz,
    compared_at timestamptz,
    stale text,
    old_timeline text,
    new_timeline text,
    changed_at timestamptz
);
CREATE TABLE IF NOT EXISTS connect_swap.capture_mark (unit integer NOT NULL, kind text NOT NULL, relation oid NOT NULL);
CREATE UNLOGGED TABLE IF NOT EXISTS connect_swap.capture_canary (alive boolean);
INSERT INTO connect_swap.capture_canary SELECT true WHERE NOT EXISTS (SELECT FROM connect_swap.capture)";

/// An earlier version's table may lack the last columns.
const READ: &str = "\
SELECT unit, run, definition, roots, log_limit, fingerprint, installed_at IS NOT NULL, seeded_at IS NOT NULL, stale,
       extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(applied_at, seeded_at))::float8,
       compared_at IS NOT NULL, capture_limit, to_jsonb(c) ->> 'old_timeline', to_jsonb(c) ->> 'new_timeline'
FROM connect_swap.capture AS c ORDER BY unit";

/// How far a unit is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its rows are not in the new database yet.
    NotSeeded,
    /// Its changes are followed.
    Followed,
    /// It has to be copied anew, and why.
    Stale(String),
}

/// A unit and its standing.
#[derive(Debug, Clone, PartialEq)]
pub struct Captured {
    /// Its number: that of its log and functions.
    pub number: i32,
    /// The run that has installed it.
    pub run: String,
    /// What it is.
    pub unit: Unit,
    /// How far it is.
    pub standing: Standing,
    /// Bytes that its log may take.
    pub log_limit: u64,
    /// Bytes that all logs together may take.
    pub limit: u64,
    /// Seconds since its rows were last brought over.
    pub age: Option<f64>,
    /// Whether all its rows were compared on both sides since they were copied.
    pub compared: bool,
    /// Of both servers when its rows began to be copied.
    pub(crate) timelines: Timelines,
    pub(crate) roots: Vec<u32>,
    pub(crate) fingerprint: Option<String>,
}

/// Reads what is captured; `None` where capture was never installed or is gone.
///
/// # Errors
/// When the database cannot be asked, or holds what this version does not know.
pub async fn captured(old: &Session) -> Result<Option<Vec<Captured>>, Error> {
    let there = old
        .query_one("SELECT pg_catalog.to_regclass($1) IS NOT NULL", &[&STATE])
        .await?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let rows = old.query(READ, &[]).await?;
    rows.iter()
        .map(read)
        .collect::<Result<_, Error>>()
        .map(Some)
}

fn read(row: &tokio_postgres::Row) -> Result<Captured, Error> {
    let definition: serde_json::Value = row.try_get(2)?;
    let number: i32 = row.try_get(0)?;
    let unit = serde_json::from_value(definition).map_err(|error| {
        Error::Protocol(format!(
            "the capture of unit {number} cannot be read: {error}"
        ))
    })?;
    let (installed, seeded): (bool, bool) = (row.try_get(6)?, row.try_get(7)?);
    let standing = match row.try_get(8)? {
        Some(why) => Standing::Stale(why),
        None if installed && seeded => Standing::Followed,
        None => Standing::NotSeeded,
    };
    Ok(Captured {
        number,
        run: row.try_get(1)?,
        unit,
        roots: row.try_get(3)?,
        log_limit: u64::try_from(row.try_get::<_, i64>(4)?).unwrap_or(0),
        fingerprint: row.try_get(5)?,
        standing,
        age: row.try_get(9)?,
        compared: row.try_get(10)?,
        limit: u64::try_from(row.try_get::<_, i64>(11)?).unwrap_or(0),
        timelines: Timelines {
            old: row.try_get(12)?,
            new: row.try_get(13)?,
        },
    })
}

/// What the app's statements have left about a whole table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// A table was emptied by TRUNCATE.
    Truncated,
    /// Its changes are not logged any more.
    Stopped,
}

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) unit: i32,
    pub(crate) kind: MarkKind,
    pub(crate) relation: u32,
}

/// Marks of all units: unit, kind, table.
pub(crate) const FIND_MARKS: &str =
    "SELECT DISTINCT unit, kind, relation FROM connect_swap.capture_mark ORDER BY unit, kind";

impl Mark {
    pub(crate) fn read(row: &tokio_postgres::Row) -> Result<Self, Error> {
        let kind: String = row.try_get(1)?;
        Ok(Self {
            unit: row.try_get(0)?,
            kind: match kind.as_str() {
                "truncated" => MarkKind::Truncated,
                "stopped" => MarkKind::Stopped,
                other => return Err(Error::Protocol(format!("capture mark {other}"))),
            },
            relation: row.try_get(2)?,
        })
    }
}
