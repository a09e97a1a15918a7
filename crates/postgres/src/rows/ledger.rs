//! Adds up what the workers of a load have done.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::pieces::{Piece, Source};
use super::relay::Relayed;
use crate::ident::TableRef;

/// How much is done, of how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Bytes done, by the size that the rows have on the old side's disk.
    pub bytes: u64,
    /// Bytes in all.
    pub of_bytes: u64,
    /// Rows done, in pieces that are committed.
    pub rows: u64,
    /// Rows in all, by the planner's estimate; 0 where it has none.
    pub of_rows: u64,
}

/// What a load tells while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadProgress<'a> {
    /// Rows are on their way.
    Rows {
        /// The table.
        table: &'a TableRef,
        /// How far this table is.
        this: Amount,
        /// How far all of it is.
        all: Amount,
    },
    /// All rows of a table are there and committed.
    Copied {
        /// The table.
        table: &'a TableRef,
        /// Its rows.
        rows: u64,
    },
    /// An index, a key or statistics are being made.
    Building {
        /// What, in words.
        what: &'a str,
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// A session was lost and is opened again; the piece that it was in begins
    /// anew.
    Reconnecting {
        /// How it was lost.
        why: &'a str,
    },
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

struct Sum {
    this: Vec<Amount>,
    all: Amount,
    /// What of each piece is counted already.
    counted: Vec<u64>,
    over_the_wire: Vec<u64>,
    pieces_left: Vec<usize>,
    built: usize,
}

/// The sum, and who is told.
pub(super) struct Ledger<'a> {
    tables: &'a [TableRef],
    pieces: &'a [Piece],
    builds: usize,
    sum: Mutex<Sum>,
    tell: &'a (dyn Fn(LoadProgress<'_>) + Send + Sync),
}

impl<'a> Ledger<'a> {
    pub(super) fn new(
        tables: &'a [TableRef],
        sources: &[Source],
        pieces: &'a [Piece],
        builds: usize,
        tell: &'a (dyn Fn(LoadProgress<'_>) + Send + Sync),
    ) -> Self {
        let this: Vec<Amount> = sources
            .iter()
            .map(|source| Amount {
                of_bytes: source.bytes,
                of_rows: source.rows,
                ..Amount::default()
            })
            .collect();
        let all = this.iter().fold(Amount::default(), |all, one| Amount {
            of_bytes: all.of_bytes + one.of_bytes,
            of_rows: all.of_rows + one.of_rows,
            ..all
        });
        let mut pieces_left = vec![0; tables.len()];
        for piece in pieces {
            pieces_left[piece.table] += 1;
        }
        Self {
            tables,
            pieces,
            builds,
            sum: Mutex::new(Sum {
                this,
                all,
                counted: vec![0; pieces.len()],
                over_the_wire: vec![0; tables.len()],
                pieces_left,
                built: 0,
            }),
            tell,
        }
    }

    /// So many bytes of a piece went over so far.
    pub(super) fn on_the_way(&self, piece: usize, bytes: u64) {
        self.count(piece, bytes.min(self.pieces[piece].bytes), None);
    }

    /// A piece is committed.
    pub(super) fn copied(&self, piece: usize, relayed: Relayed) {
        self.count(piece, self.pieces[piece].bytes, Some(relayed));
    }

    fn count(&self, piece: usize, bytes: u64, relayed: Option<Relayed>) {
        let Ok(mut sum) = self.sum.lock() else { return };
        let table = self.pieces[piece].table;
        // A piece that began anew is behind what was counted of it already.
        let more = bytes.saturating_sub(sum.counted[piece]);
        sum.counted[piece] += more;
        sum.this[table].bytes += more;
        sum.all.bytes += more;
        if let Some(relayed) = relayed {
            sum.this[table].rows += relayed.rows;
            sum.all.rows += relayed.rows;
            sum.over_the_wire[table] += relayed.bytes;
            sum.pieces_left[table] -= 1;
        }
        let (this, all) = (sum.this[table], sum.all);
        let whole = relayed.is_some() && sum.pieces_left[table] == 0;
        drop(sum);
        let name = &self.tables[table];
        (self.tell)(LoadProgress::Rows {
            table: name,
            this,
            all,
        });
        if whole {
            (self.tell)(LoadProgress::Copied {
                table: name,
                rows: this.rows,
            });
        }
    }

    pub(super) fn building(&self, what: &str) {
        let done = self.sum.lock().map(|sum| sum.built).unwrap_or_default();
        (self.tell)(LoadProgress::Building {
            what,
            done,
            of: self.builds,
        });
    }

    pub(super) fn built(&self) {
        if let Ok(mut sum) = self.sum.lock() {
            sum.built += 1;
        }
    }

    pub(super) fn reconnecting(&self, why: &str) {
        (self.tell)(LoadProgress::Reconnecting { why });
    }

    /// What was copied, table by table.
    pub(super) fn result(&self) -> Vec<TableCopied> {
        let Ok(sum) = self.sum.lock() else {
            return Vec::new();
        };
        let tables = self.tables.iter().enumerate();
        tables
            .map(|(at, table)| TableCopied {
                table: table.clone(),
                rows: sum.this[at].rows,
                bytes: sum.over_the_wire[at],
            })
            .collect()
    }
}
