//! Copies the rows of the customer's tables, several tables side by side, all
//! as of one moment.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::relay::relay;
use crate::Error;
use crate::ident::{TableRef, quote_literal};
use crate::inventory::Inventory;
use crate::session::{DatabaseUrl, Purpose, Session, connect, refuse_same};

/// How to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyOptions {
    /// How many tables are copied at the same time; at least one is. Each takes
    /// one session on either side, and one more on the old side is open.
    pub jobs: usize,
}

/// A table under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyProgress<'a> {
    /// The table.
    pub table: &'a TableRef,
    /// Bytes that went over so far, as `COPY` has them.
    pub bytes: u64,
    /// Its rows, once it is done and committed.
    pub rows: Option<u64>,
}

/// A table that was copied and committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCopied {
    /// The table.
    pub table: TableRef,
    /// Its rows.
    pub rows: u64,
    /// Bytes that went over.
    pub bytes: u64,
}

/// Copies the rows of tables from the old database into the new one, replacing
/// what is there. All tables are read in one exported snapshot. Each table is
/// one transaction on the new side, so that it may be repeated, and dropping
/// the future leaves no half table. Generated columns are computed anew;
/// partitions are copied each by itself.
///
/// # Errors
/// [`Error::NotCopyable`], before anything is touched, for a table that is not
/// the customer's by the inventory; [`Error::NotReady`] where triggers or
/// foreign keys are on the new side's table; [`Error::SameDatabase`]; and what
/// the servers answer.
pub async fn copy_tables(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
    tables: &[TableRef],
    options: CopyOptions,
    progress: impl Fn(CopyProgress<'_>) + Send + Sync,
) -> Result<Vec<TableCopied>, Error> {
    if let Some(table) = tables.iter().find(|table| !inventory.may_copy(table)) {
        return Err(Error::NotCopyable {
            table: table.clone(),
        });
    }
    let keeper = connect(old, Purpose::ReadOnly, "snapshot").await?;
    refuse_same(&keeper, &connect(new, Purpose::ReadOnly, "copy").await?).await?;
    keeper
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    let snapshot: String = keeper
        .query_one("SELECT pg_catalog.pg_export_snapshot()", &[])
        .await?
        .try_get(0)?;
    let next = AtomicUsize::new(0);
    let jobs = options.jobs.clamp(1, tables.len().max(1));
    let workers = (0..jobs).map(|_| {
        let (snapshot, next, progress) = (&snapshot, &next, &progress);
        async move {
            let reader = reader(old, snapshot).await?;
            let mut writer = connect(new, Purpose::Work, "copy").await?;
            work(&reader, &mut writer, tables, next, progress).await
        }
    });
    let mut copied: Vec<(usize, TableCopied)> = futures_util::future::try_join_all(workers)
        .await?
        .into_iter()
        .flatten()
        .collect();
    keeper.batch_execute("COMMIT").await?;
    copied.sort_by_key(|(at, _)| *at);
    Ok(copied.into_iter().map(|(_, table)| table).collect())
}

/// A session that sees what the exported snapshot sees. Row-level security
/// must be an error, never a silent filter.
async fn reader(old: &DatabaseUrl, snapshot: &str) -> Result<Session, Error> {
    let session = connect(old, Purpose::ReadOnly, "copy").await?;
    session
        .batch_execute(&format!(
            "SET row_security = off; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
             SET TRANSACTION SNAPSHOT {}",
            quote_literal(snapshot)
        ))
        .await?;
    Ok(session)
}

/// Takes tables from the common list until none is left.
async fn work(
    reader: &Session,
    writer: &mut Session,
    tables: &[TableRef],
    next: &AtomicUsize,
    progress: &(impl Fn(CopyProgress<'_>) + Send + Sync),
) -> Result<Vec<(usize, TableCopied)>, Error> {
    let mut done = Vec::new();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(table) = tables.get(at) else {
            return Ok(done);
        };
        let tell = |bytes| {
            progress(CopyProgress {
                table,
                bytes,
                rows: None,
            })
        };
        tell(0);
        let relayed = relay(reader, writer, table, tell).await?;
        progress(CopyProgress {
            table,
            bytes: relayed.bytes,
            rows: Some(relayed.rows),
        });
        let copied = TableCopied {
            table: table.clone(),
            rows: relayed.rows,
            bytes: relayed.bytes,
        };
        done.push((at, copied));
    }
}

/// Gathers planner statistics for tables on the new side (`ANALYZE`): without
/// them the first queries after a copy are planned blindly.
///
/// # Errors
/// What the server answers.
pub async fn analyze_tables(new: &Session, tables: &[TableRef]) -> Result<(), Error> {
    for table in tables {
        new.batch_execute(&format!("ANALYZE {}", table.sql()))
            .await?;
    }
    Ok(())
}
