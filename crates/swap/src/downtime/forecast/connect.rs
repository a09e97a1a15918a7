//! What Heroku Connect takes: sending what waits, coming to rest, getting its databases.

use connect_swap_heroku::connect::{Mapping, MappingAccess};

use super::Known;
use crate::downtime::earlier::around;
use crate::downtime::{Expected, Phase};
use crate::steps::cutover::POLL_TAKES;
use crate::words;

/// Connect looks for changes in the database every 2 minutes where no notification wakes it
/// (devcenter writing-data-to-salesforce-with-heroku-connect).
const POLL: f64 = 120.0;
/// Writes go to Salesforce one batch of up to 200 records after the other (Salesforce's limit of a
/// REST collection); a batch takes from about a second to ten.
const FAST_WRITES_PER_SECOND: f64 = 200.0;
/// See [`FAST_WRITES_PER_SECOND`].
const SLOW_WRITES_PER_SECOND: f64 = 20.0;
/// Fewer changes than this tell nothing about how long others take.
const ENOUGH: i64 = 10;
/// Twice nothing must be waiting, some seconds apart, before the log counts as drained.
const AGREEING_LOOKS: f64 = 10.0;
/// Two looks at an API: nothing that Connect is asked for is seen done any sooner.
const LOOKS: f64 = 2.0;
/// A mapping of the old connection that goes on showing a poll, and the first poll of the new one,
/// are waited for that long each (`repointing::rest`, `verify_flow`).
const REPOINT: (f64, f64) = (5.0, 240.0);

pub(super) fn drain(known: &Known<'_>) -> Expected {
    let log = &known.snapshot.database.trigger_log;
    let waiting = log.new + log.pending;
    let pending = to_f64(waiting);
    let history = known.history;
    let what = format!(
        "{} now",
        words::count(waiting.max(0).unsigned_abs() as usize, "write")
    );
    if history.changes < ENOUGH {
        let why = format!(
            "{what} waiting for Salesforce; Connect's log does not tell yet how long writes take"
        );
        let seconds = (
            pending / FAST_WRITES_PER_SECOND,
            POLL + pending / SLOW_WRITES_PER_SECOND,
        );
        return Expected::new(Phase::Drain, seconds, why);
    }
    let proven = to_f64(history.busiest_minute) / 60.0;
    let rate = proven.clamp(SLOW_WRITES_PER_SECOND, FAST_WRITES_PER_SECOND);
    let why = format!(
        "{what} waiting; of the last {} half took up to {}, the slowest {} and more",
        words::count(history.changes.unsigned_abs() as usize, "write"),
        words::duration(history.median),
        words::duration(history.slow),
    );
    let seconds = (
        pending / FAST_WRITES_PER_SECOND,
        // What the app writes last waits as long as the slow ones, behind all that waits now.
        history.slow * 2.0 + AGREEING_LOOKS + pending / rate,
    );
    Expected::new(Phase::Drain, seconds, why)
}

/// Nothing where the app's writes go to no table.
pub(super) fn polls(known: &Known<'_>) -> Option<Expected> {
    let new = known.snapshot.new.connection.as_ref();
    let mappings = &new.unwrap_or(&known.snapshot.connection).mappings;
    let written = mappings
        .iter()
        .filter(|mapping| mapping.access() != Some(MappingAccess::ReadOnly));
    let interval = written.map(Mapping::polling_interval).max()?;
    // Where in its interval a mapping is then tells no earlier attempt.
    let high = (interval + POLL_TAKES).as_secs_f64();
    let why = format!(
        "what the app writes last comes by the new connection's next poll of Salesforce, every {}",
        words::duration(interval.as_secs_f64())
    );
    Some(Expected::new(Phase::Polls, (0.0, high), why))
}

pub(super) fn pause(known: &Known<'_>) -> Expected {
    match known.earlier.all(&["pause-old"]) {
        Some(seconds) => {
            let why = format!(
                "pauses only between two polls; it took {} in an earlier attempt",
                words::duration(seconds)
            );
            // At best it is between two polls already, whatever it was at then.
            let (low, high) = around(seconds);
            Expected::new(Phase::Pause, (low.min(LOOKS), high), why)
        }
        None => Expected::new(
            Phase::Pause,
            (LOOKS, POLL),
            "Connect pauses only between two polls, which are 2 minutes apart",
        ),
    }
}

pub(super) fn repoint(known: &Known<'_>) -> Expected {
    let steps = ["repoint-old", "repoint-new", "verify-flow"];
    let measured = known.earlier.all(&steps).map(around);
    Expected::new(
        Phase::Repoint,
        measured.unwrap_or(REPOINT),
        "both connections get their databases, and the new one's first poll is waited for",
    )
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn to_f64(count: i64) -> f64 {
    count.max(0) as f64
}
