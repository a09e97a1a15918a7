//! Copies the rows of the customer's tables, several tables and parts of
//! tables side by side, all as of one moment.

use std::sync::Mutex;

use super::board::{Appetite, Board, Build};
use super::columns;
use super::jobs::Workers;
use super::keeper::{Keeper, Moment};
use super::ledger::{Ledger, LoadProgress, TableCopied};
use super::pieces::{CUT_FROM, Piece, cut, sources};
use super::relay::{Route, ready};
use super::throttle::Throttle;
use super::worker::{Shared, Worker};
use crate::Error;
use crate::error::RestoreError;
use crate::ident::TableRef;
use crate::inventory::Inventory;
use crate::session::{DatabaseUrl, Purpose, Session, connect, refuse_same};

/// How to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyOptions {
    /// How many workers copy; each takes a session on either side, and one
    /// more on the old side is open.
    pub workers: Workers,
    /// The most bytes a second, over all workers; `None` for no limit.
    pub throttle: Option<u64>,
    /// Tables of this many bytes and more are copied in ranges of their pages.
    pub cut_from: u64,
    /// Whether rows may change while they are copied.
    pub writers: Writers,
}

/// Who may write to the tables while they are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// Nobody, or the caller does not mind: where the session that keeps the
    /// snapshot is lost, another one is taken for the rest.
    KeptOut,
    /// Anybody: the copy ends with [`Error::SnapshotLost`] in that case.
    AtWork,
}

impl CopyOptions {
    /// As fast as these workers are.
    #[must_use]
    pub fn with(workers: Workers) -> Self {
        Self {
            workers,
            throttle: None,
            cut_from: CUT_FROM,
            writers: Writers::KeptOut,
        }
    }
}

/// Copies the rows of tables from the old database into the new one, replacing
/// what is there. All tables are read in one exported snapshot. A table is one
/// transaction on the new side; a large one is emptied first and is then
/// several, each a range of its pages. Generated columns are computed anew;
/// partitions are copied each by itself.
///
/// A session that is lost is opened again, and the table or range that it was
/// in begins anew. Where the session that keeps the snapshot is lost too, what
/// is still to be read is read in a new one: the caller keeps writers out, or
/// knows what they change. A table whose row-level security is forced on its
/// owner is locked on the old side while it is read.
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
    progress: impl Fn(LoadProgress<'_>) + Send + Sync,
) -> Result<Vec<TableCopied>, Error> {
    let work = Work {
        tables,
        builds: &[],
        preamble: &[],
    };
    let loaded = load(old, new, inventory, &work, options, &progress).await?;
    Ok(loaded.copied)
}

/// What a load does.
pub(super) struct Work<'a> {
    pub(super) tables: &'a [TableRef],
    pub(super) builds: &'a [Build],
    pub(super) preamble: &'a [String],
}

/// What a load did.
pub(super) struct Loaded {
    pub(super) copied: Vec<TableCopied>,
    pub(super) refused: Vec<RestoreError>,
}

/// Copies tables, and builds on each what follows its rows.
pub(super) async fn load(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
    work: &Work<'_>,
    options: CopyOptions,
    progress: &(dyn Fn(LoadProgress<'_>) + Send + Sync),
) -> Result<Loaded, Error> {
    let tables = work.tables;
    if let Some(table) = tables.iter().find(|table| !inventory.may_copy(table)) {
        return Err(Error::NotCopyable {
            table: table.clone(),
        });
    }
    let moment = match options.writers {
        Writers::KeptOut => Moment::Any,
        Writers::AtWork => Moment::One,
    };
    let keeper = Keeper::new(old, moment);
    let reader = keeper.reader().await?;
    let writer = connect(new, Purpose::AsApp, "copy").await?;
    refuse_same(&reader, &writer).await?;
    ready(&writer, tables).await?;
    let (sources, here, there) = tokio::try_join!(
        sources(&reader, tables),
        columns::read(&reader, tables),
        columns::read(&writer, tables)
    )?;
    let sources = tables
        .iter()
        .zip(sources)
        .map(|(table, source)| {
            source.ok_or_else(|| Error::Changed {
                what: format!("table {table} is gone"),
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let pieces = cut(
        &sources,
        options.workers.any,
        inventory.version_num,
        options.cut_from,
    );
    empty(&writer, tables, &pieces).await?;
    let preamble = preamble(&writer, work.preamble).await?;
    drop((reader, writer));

    let routes: Vec<Route> = tables
        .iter()
        .zip(here.into_iter().zip(there))
        .zip(&sources)
        .map(|((table, (here, there)), source)| Route {
            table: table.clone(),
            binary: columns::binary(&here, &there),
            columns: here,
            forced: source.forced,
            file: source.file,
        })
        .collect();
    let (throttle, refused) = (Throttle::new(options.throttle), Mutex::new(Vec::new()));
    let board = Board::new(&pieces, work.builds, tables.len());
    let ledger = Ledger::new(tables, &sources, &pieces, work.builds.len(), progress);
    let shared = Shared {
        new,
        keeper: &keeper,
        routes: &routes,
        pieces: &pieces,
        builds: work.builds,
        preamble: &preamble,
        board: &board,
        throttle: &throttle,
        ledger: &ledger,
        refused: &refused,
    };
    let small = pieces.iter().filter(|piece| piece.is_small()).count();
    let appetites = std::iter::repeat_n(Appetite::Anything, options.workers.any.max(1)).chain(
        std::iter::repeat_n(Appetite::Small, options.workers.small.min(small / 2)),
    );
    let workers = appetites.map(|appetite| Worker::new(&shared).work(appetite));
    futures_util::future::try_join_all(workers).await?;
    let copied = ledger.result();
    Ok(Loaded {
        copied,
        refused: refused.into_inner().unwrap_or_default(),
    })
}

/// Tables that are copied in ranges are emptied before, all at once.
async fn empty(writer: &Session, tables: &[TableRef], pieces: &[Piece]) -> Result<(), Error> {
    let mut cut: Vec<usize> = pieces
        .iter()
        .filter(|piece| piece.pages.is_some())
        .map(|piece| piece.table)
        .collect();
    cut.sort_unstable();
    cut.dedup();
    if cut.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = cut.into_iter().map(|at| tables[at].sql()).collect();
    writer
        .batch_execute(&format!("TRUNCATE ONLY {}", names.join(", ONLY ")))
        .await?;
    Ok(())
}

/// What comes first in every writing session. The search path is the app's:
/// functions in indexes, checks and generated columns may count on it.
async fn preamble(as_app: &Session, before: &[String]) -> Result<Vec<String>, Error> {
    let path: String = as_app
        .query_one("SELECT pg_catalog.current_setting('search_path')", &[])
        .await?
        .try_get(0)?;
    let path = format!(
        "SELECT pg_catalog.set_config('search_path', {}, false)",
        crate::ident::quote_literal(&path)
    );
    Ok(before.iter().cloned().chain([path]).collect())
}
