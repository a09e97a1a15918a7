//! The proof, or what speaks against it.

use jiff::SignedDuration;
use serde::Serialize;

use super::ledger::{Acknowledged, Unknown};
use crate::world::TurnedAway;

/// What was found of the writes that an app had acknowledged.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// How many writes were acknowledged.
    pub acknowledged: usize,
    /// The location of the database that the app uses now.
    pub database: String,
    /// Rows whose last acknowledged value is neither in that database nor in the organisation.
    pub lost: Vec<Finding>,
    /// Rows of managed tables whose last acknowledged value waits in Connect's log of that database: a poll of
    /// Salesforce brought the value of before over it, or the mapping has stopped, and it will be sent.
    pub waiting: Vec<Finding>,
    /// Rows that are there more than once, or that were deleted and are back.
    pub doubled: Vec<Finding>,
    /// Writes whose outcome the app never heard; whatever is found of them is right.
    pub unknown: Vec<Unknown>,
    /// How many operations the database refused the app, and its last word.
    pub refused: u64,
    /// What it said last.
    pub last_refusal: Option<String>,
    /// How many rows of the organisation were looked at for managed tables.
    pub salesforce_records: usize,
    /// How many writes Connect has sent to the organisation, refused ones included.
    pub salesforce_writes: usize,
    /// From when to when users were turned away, oldest first; restarts included.
    pub turned_away: Vec<TurnedAway>,
    /// The sum of all times but mere restarts, in seconds of sandbox time.
    pub downtime_seconds: f64,
}

/// One row that is not as it was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The write that was acknowledged last.
    pub write: Acknowledged,
    /// What was found instead.
    pub found: String,
    /// What is known of this row, of managed tables: the entries of Connect's logs in the database, then the
    /// writes that came to the organisation.
    pub history: Vec<String>,
}

impl Audit {
    /// Nothing lost and nothing doubled, and nothing that has yet to arrive.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.waiting.is_empty()
    }

    pub(super) fn downtime(times: &[TurnedAway], now: jiff::Timestamp) -> f64 {
        let all = times
            .iter()
            .filter(|time| time.is_downtime())
            .map(|time| time.duration(now));
        all.fold(SignedDuration::ZERO, |sum, each| sum.saturating_add(each))
            .as_secs_f64()
    }
}
