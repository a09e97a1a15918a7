//! How long the window is expected to be: low and high, in seconds.
//!
//! Rates are cautious figures for PostgreSQL on Heroku's plans; what was measured in an earlier
//! attempt at this very swap is used instead where there is one.

use connect_swap_engine::Replay;

use crate::plans::CUTOVER;
use crate::report::Estimate;
use crate::topology::{Found, Snapshot};

/// Rows are copied, indexed and compared at between 20 and 80 MB a second.
const SLOW_BYTES_PER_SECOND: f64 = 20e6;
const FAST_BYTES_PER_SECOND: f64 = 80e6;
/// Dynos get up to 30 seconds to end; Connect polls the database every 2 minutes and pauses only
/// between two polls; booting takes from seconds to a minute.
const FIXED: Estimate = Estimate {
    low: 30.0,
    high: 360.0,
};
/// A release phase is the customer's own code.
const RELEASE_PHASE: Estimate = Estimate {
    low: 10.0,
    high: 300.0,
};

/// The expected window.
pub(super) fn estimate(snapshot: &Snapshot, found: &Found) -> Estimate {
    let bytes: i64 = snapshot
        .database
        .inventory
        .unmanaged()
        .filter_map(|object| object.bytes)
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let bytes = bytes.max(0) as f64;
    let mut low = FIXED.low + bytes / FAST_BYTES_PER_SECOND;
    let mut high = FIXED.high + bytes / SLOW_BYTES_PER_SECOND;
    if snapshot
        .formation
        .iter()
        .any(|process| process.process_type == "release")
    {
        low += RELEASE_PHASE.low;
        high += RELEASE_PHASE.high;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let pending =
        (snapshot.database.trigger_log.new + snapshot.database.trigger_log.pending) as f64;
    // Writes to Salesforce go one batch after the other; a batch of 200 takes about a second.
    low += pending / 200.0;
    high += pending / 20.0;
    if let Some(pause) = measured(found, "pause-old") {
        low = low.max(pause);
        high = high.max(pause * 3.0);
    }
    Estimate { low, high }
}

/// How long a step took in the latest attempt.
fn measured(found: &Found, step: &str) -> Option<f64> {
    let replay = Replay::latest(&found.records, CUTOVER).ok()?;
    let times = replay.times(step);
    let (from, to) = times.started_at.zip(times.finished_at)?;
    Some(to.duration_since(from).as_secs_f64())
}
