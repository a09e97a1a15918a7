//! The record of every write that a dyno made, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::workload::Write;

/// A write whose commit the database acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// The app.
    pub app: String,
    /// The dyno.
    pub dyno: String,
    /// Schema and table.
    pub table: String,
    /// The row's unique key.
    pub key: String,
    /// What was written; `None` where the row was deleted.
    pub value: Option<String>,
    /// When, in sandbox time.
    pub at: Timestamp,
    /// Where: `host:port/database`.
    pub database: String,
}

/// A write whose commit was never answered. Fields as in [`Acknowledged`].
pub type Unknown = Acknowledged;

/// Who wrote, and where.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) app: String,
    pub(crate) dyno: String,
    pub(crate) database: String,
}

/// All apps' writes. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<Mutex<BTreeMap<String, Book>>>);

/// One app's writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// In the order of acknowledgement.
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) unknown: Vec<Unknown>,
    /// How many operations the database refused, and what it said last.
    pub(crate) refused: u64,
    pub(crate) last_refusal: Option<String>,
}

impl Ledger {
    pub(crate) fn acknowledged(&self, place: &Place, at: Timestamp, writes: Vec<Write>) {
        let entries = entries(place, at, writes);
        self.lock()
            .entry(place.app.clone())
            .or_default()
            .acknowledged
            .extend(entries);
    }

    pub(crate) fn unknown(&self, place: &Place, at: Timestamp, writes: Vec<Write>) {
        let entries = entries(place, at, writes);
        self.lock()
            .entry(place.app.clone())
            .or_default()
            .unknown
            .extend(entries);
    }

    pub(crate) fn refused(&self, app: &str, message: &str) {
        let mut books = self.lock();
        let book = books.entry(app.to_owned()).or_default();
        book.refused += 1;
        book.last_refusal = Some(message.to_owned());
    }

    /// A copy of one app's book as it is now.
    pub(crate) fn book(&self, app: &str) -> Book {
        self.lock().get(app).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Book>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entries(place: &Place, at: Timestamp, writes: Vec<Write>) -> Vec<Acknowledged> {
    let entry = |write: Write| Acknowledged {
        app: place.app.clone(),
        dyno: place.dyno.clone(),
        table: write.table,
        key: write.key,
        value: write.value,
        at,
        database: place.database.clone(),
    };
    writes.into_iter().map(entry).collect()
}
