//! Counts and checksums of tables on one side, several tables and parts of
//! tables side by side.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio_postgres::error::SqlState;

use super::rows::CompareOptions;
use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::rows::{CUT_FROM, Keeper, Piece, cut, sources};
use crate::session::Session;

/// How often a table that somebody holds is tried again.
const LOCK_TRIES: u32 = 6;
/// The pause before the first of these; it doubles each time.
const LOCK_PAUSE: Duration = Duration::from_millis(250);

/// What to do about tables whose row-level security is forced on its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forced {
    /// The force is lifted in a transaction that is rolled back; the table is
    /// locked meanwhile.
    Lift,
    /// They are not compared, and named.
    LeaveOut,
}

/// What was taken of one table on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Sum {
        rows: i64,
        checksum: i128,
    },
    /// There is no such table or column.
    Absent,
    LeftOut(&'static str),
}

impl Taken {
    pub(super) fn values(self) -> (Option<i64>, Option<String>) {
        match self {
            Self::Sum { rows, checksum } => (Some(rows), Some(checksum.to_string())),
            _ => (None, None),
        }
    }

    fn add(&mut self, rows: i64, more: i128) {
        if let Self::Sum {
            rows: all,
            checksum,
        } = self
        {
            *all += rows;
            *checksum += more;
        }
    }
}

/// Takes counts and checksums of all tables in one snapshot.
pub(super) async fn sums(
    keeper: &Keeper<'_>,
    tables: &[TableRef],
    columns: &BTreeMap<TableRef, Vec<String>>,
    options: CompareOptions,
) -> Result<Vec<Taken>, Error> {
    let reader = keeper.reader().await?;
    let version: i32 = reader
        .query_one(
            "SELECT pg_catalog.current_setting('server_version_num')::int4",
            &[],
        )
        .await?
        .try_get(0)?;
    let sources = sources(&reader, tables).await?;
    drop(reader);
    let taken: Vec<Taken> = sources
        .iter()
        .map(|source| match source {
            None => Taken::Absent,
            Some(source) if source.forced && options.forced == Forced::LeaveOut => {
                Taken::LeftOut("its row-level security is forced on its owner")
            }
            Some(_) => Taken::Sum {
                rows: 0,
                checksum: 0,
            },
        })
        .collect();
    let known: Vec<_> = sources.into_iter().map(Option::unwrap_or_default).collect();
    let pieces: Vec<Piece> = cut(&known, options.workers, version, CUT_FROM)
        .into_iter()
        .filter(|piece| matches!(taken[piece.table], Taken::Sum { .. }))
        .collect();
    let (taken, next) = (Mutex::new(taken), AtomicUsize::new(0));
    let workers = (0..options.workers.clamp(1, pieces.len().max(1))).map(|_| async {
        let mut reader = None;
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let table = &tables[piece.table];
            let names = columns.get(table).map_or(&[][..], Vec::as_slice);
            let sql = query(table, names, piece);
            let answer = if known[piece.table].forced {
                take(&keeper.forced_reader(table).await?, &sql).await?
            } else {
                take_patiently(keeper, &mut reader, &sql).await?
            };
            if let Ok(mut taken) = taken.lock() {
                match answer {
                    Some((rows, checksum)) => taken[piece.table].add(rows, checksum),
                    None => taken[piece.table] = Taken::Absent,
                }
            }
        }
        Ok::<(), Error>(())
    });
    futures_util::future::try_join_all(workers).await?;
    Ok(taken.into_inner().unwrap_or_default())
}

/// The hash of a row `t`, from all these columns.
pub(crate) fn row_hash(columns: &[String]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("t.{}", quote_ident(column)))
        .collect();
    format!(
        "pg_catalog.hashtextextended((ROW({}))::text COLLATE pg_catalog.\"C\", 0)",
        columns.join(", ")
    )
}

fn query(table: &TableRef, columns: &[String], piece: &Piece) -> String {
    let condition = piece
        .condition()
        .map_or_else(String::new, |condition| format!(" WHERE {condition}"));
    format!(
        "SELECT count(*), coalesce(sum({}::numeric), 0)::text FROM ONLY {} AS t{condition}",
        row_hash(columns),
        table.sql()
    )
}

/// Where somebody waits for a lock that keeps ours waiting, the session is given
/// up with its locks, and after a pause another one is asked.
async fn take_patiently(
    keeper: &Keeper<'_>,
    reader: &mut Option<Session>,
    sql: &str,
) -> Result<Option<(i64, i128)>, Error> {
    let mut tries = 0;
    loop {
        let session = match reader.take() {
            Some(session) => session,
            None => keeper.reader().await?,
        };
        match take(&session, sql).await {
            Ok(Some(answer)) => {
                *reader = Some(session);
                return Ok(Some(answer));
            }
            // Its transaction is aborted.
            Ok(None) => return Ok(None),
            Err(error) if error.is_lock_timeout() && tries < LOCK_TRIES => {
                drop(session);
                tokio::time::sleep(LOCK_PAUSE * 2_u32.pow(tries)).await;
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn take(session: &Session, sql: &str) -> Result<Option<(i64, i128)>, Error> {
    let absent = [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::INVALID_SCHEMA_NAME,
    ];
    match session.query_one(sql, &[]).await {
        Ok(row) => {
            let sum: String = row.try_get(1)?;
            let sum = sum
                .parse()
                .map_err(|_| Error::Protocol(format!("checksum {sum}")))?;
            Ok(Some((row.try_get(0)?, sum)))
        }
        Err(error) if error.code().is_some_and(|code| absent.contains(code)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
