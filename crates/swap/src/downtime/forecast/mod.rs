//! The window that is expected, phase by phase.
//!
//! What was measured of this very app wins: in an earlier attempt at this swap, in Connect's log, in
//! the app's releases and dynos. Where nothing was, the figures of Heroku's documentation stand.

mod connect;
mod database;
mod platform;
mod rows_work;

use connect_swap_engine::Record;
use connect_swap_postgres::DrainHistory;

use super::earlier::Earlier;
use super::{Estimate, Expected};
use crate::topology::Snapshot;

pub(crate) use rows_work::RowsWork;

/// What a forecast looks at.
struct Known<'a> {
    snapshot: &'a Snapshot,
    earlier: Earlier,
    history: DrainHistory,
}

/// The expected window; the records are those of the swap's journal, where there is one yet.
pub(crate) fn forecast(snapshot: &Snapshot, records: &[Record]) -> Estimate {
    let known = Known {
        snapshot,
        earlier: Earlier::of(records),
        history: snapshot.database.drain_history,
    };
    let rows = RowsWork::of(&snapshot.database);
    let phases: [Option<Expected>; 11] = [
        Some(platform::stop(&known)),
        Some(connect::drain(&known)),
        connect::polls(&known),
        Some(connect::pause(&known)),
        Some(database::fence(&known)),
        Some(database::rows(&known, &rows)),
        Some(database::schema(&known)),
        Some(platform::promotion(&known)),
        platform::release_phase(&known),
        Some(connect::repoint(&known)),
        Some(platform::boot(&known)),
    ];
    Estimate::of(phases.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests;
