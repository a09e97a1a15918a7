//! The first copy of captured tables, while the app goes on writing.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::capture::{Captured, complete_state, mark_seeded, mark_unseeded};
use crate::ident::TableRef;
use crate::inventory::Inventory;
use crate::rows::{CopyOptions, LoadProgress, LoadReport, TableCopied, Writers, load_tables};
use crate::session::{DatabaseUrl, Purpose, Timelines, connect};
use crate::{Error, Tools};

/// How often in a row a copy whose snapshot was lost is begun again without one
/// more table being done.
const TRIES: u32 = 5;

/// What a seed did.
#[must_use]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedReport {
    /// Tables that were copied.
    pub tables: Vec<TableCopied>,
    /// Keys, indexes and statistics that were made on them, in words.
    pub built: Vec<String>,
}

/// Copies the tables of these units, each in one snapshot that is taken now,
/// with their keys and indexes. Their capture is in place: what changes from
/// the snapshot on is in their logs, and what the logs hold of before is
/// forgotten. May be repeated, and goes on after a crash with the units that it
/// is given. A copy whose snapshot is lost begins again with the tables that
/// are not done.
///
/// # Errors
/// As [`load_tables`]; units that were done by then are marked as seeded.
pub async fn seed(
    tools: &Tools,
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
    units: &[Captured],
    options: CopyOptions,
    progress: impl Fn(LoadProgress<'_>) + Send + Sync,
) -> Result<SeedReport, Error> {
    let options = CopyOptions {
        writers: Writers::AtWork,
        ..options
    };
    let mut left: Vec<&Captured> = units.iter().collect();
    let mut report = SeedReport::default();
    let mut tries = 0;
    loop {
        let numbers: Vec<i32> = left.iter().map(|unit| unit.number).collect();
        begin(old, new, &numbers).await?;
        let tables: Vec<TableRef> = left
            .iter()
            .flat_map(|unit| unit.unit.members.clone())
            .collect();
        let copied = Mutex::new(BTreeSet::new());
        let tell = |told: LoadProgress<'_>| {
            if let LoadProgress::Copied { table, .. } = &told
                && let Ok(mut copied) = copied.lock()
            {
                copied.insert((*table).clone());
            }
            progress(told);
        };
        let loaded = load_tables(tools, old, new, inventory, &tables, options, tell).await;
        let error = match loaded {
            Ok(loaded) => {
                mark(old, &numbers).await?;
                add(&mut report, loaded);
                vacuum(new, &tables, &progress).await?;
                return Ok(report);
            }
            Err(error) => error,
        };
        let copied = copied.into_inner().unwrap_or_default();
        // The server that has lost the snapshot may have crashed, and emptied unlogged tables.
        let is_done = |unit: &&&Captured| {
            let members = &unit.unit.members;
            !unit.unit.unlogged && members.iter().all(|table| copied.contains(table))
        };
        let done: Vec<i32> = left
            .iter()
            .filter(is_done)
            .map(|unit| unit.number)
            .collect();
        let marked = mark(old, &done).await;
        if !matches!(error, Error::SnapshotLost) || (done.is_empty() && tries >= TRIES) {
            return Err(error);
        }
        marked?;
        tries = if done.is_empty() { tries + 1 } else { 0 };
        left.retain(|unit| !done.contains(&unit.number));
    }
}

/// The servers' timelines are asked first: what a failover loses from now on is
/// noticed, since they are others after it.
async fn begin(old: &DatabaseUrl, new: &DatabaseUrl, units: &[i32]) -> Result<(), Error> {
    let old = connect(old, Purpose::Work, "seed").await?;
    let new = connect(new, Purpose::ReadOnly, "seed").await?;
    let timelines = Timelines::of(&old, &new).await?;
    complete_state(&old).await?;
    mark_unseeded(&old, units, &timelines).await
}

async fn mark(old: &DatabaseUrl, units: &[i32]) -> Result<(), Error> {
    let session = connect(old, Purpose::Work, "seed").await?;
    mark_seeded(&session, units).await
}

/// Vacuums what was copied, as autovacuum would do a minute later: in the window
/// a key or a trigger would have to wait until that gives way. Where autovacuum
/// is at it already it gives way now, after `deadlock_timeout`: left alone, it
/// takes its time, many times ours (PostgreSQL manual, "Routine Vacuuming" and
/// "Automatic Vacuuming", cost-based delay). A table that somebody else holds for
/// longer is left.
async fn vacuum(
    new: &DatabaseUrl,
    tables: &[TableRef],
    progress: &(impl Fn(LoadProgress<'_>) + Send + Sync),
) -> Result<(), Error> {
    let session = connect(new, Purpose::Work, "seed").await?;
    for (done, table) in tables.iter().enumerate() {
        progress(LoadProgress::Building {
            what: &format!("the visibility map of {table}"),
            done,
            of: tables.len(),
        });
        match session
            .batch_execute(&format!("VACUUM {}", table.sql()))
            .await
            .map_err(Error::from)
        {
            Err(error) if !error.is_lock_timeout() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn add(report: &mut SeedReport, loaded: LoadReport) {
    report.tables.extend(loaded.tables);
    report.built.extend(loaded.built);
}
