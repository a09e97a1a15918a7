//! How long the window lasted, phase by phase: from the journal and nothing else.

use connect_swap_engine::{Answer, Entry, ErrorKind, Record};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Phase;
use crate::plans::{CUTOVER, ROLLBACK};

/// How long one phase took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Took {
    /// The phase.
    pub phase: Phase,
    /// Its seconds, all of its stretches together.
    pub seconds: f64,
}

/// A window: from the moment before maintenance mode was asked for to the moment after Heroku had
/// confirmed its end, which comes after the dynos are up.
#[derive(Debug, Clone, PartialEq)]
pub struct Downtime {
    /// Whether it is over.
    pub closed: bool,
    /// How long it lasted so far.
    pub seconds: f64,
    /// Phase by phase; together they are the whole.
    pub phases: Vec<Took>,
}

impl Downtime {
    /// How long a phase took so far.
    pub fn phase(&self, phase: Phase) -> f64 {
        let took = self.phases.iter().find(|took| took.phase == phase);
        took.map_or(0.0, |took| took.seconds)
    }

    fn add(&mut self, phase: Phase, seconds: f64) {
        self.seconds += seconds;
        match self.phases.iter_mut().find(|took| took.phase == phase) {
            Some(took) => took.seconds += seconds,
            None => self.phases.push(Took { phase, seconds }),
        }
    }
}

/// The window of the latest cutover; nothing where it opened none. `now` counts where it is open.
pub fn downtime(records: &[Record], now: Timestamp) -> Option<Downtime> {
    window(records, now, None)
}

/// The same while a person is asked, which no entry tells before the answer.
pub(crate) fn downtime_while_asked(records: &[Record], now: Timestamp) -> Option<Downtime> {
    window(records, now, Some(Phase::WaitingForYou))
}

/// `running` is what goes on since the last entry, where the entries do not tell.
fn window(records: &[Record], now: Timestamp, running: Option<Phase>) -> Option<Downtime> {
    let records = of_latest(records);
    let opening = records.iter().position(
        |record| matches!(&record.record.entry, Entry::Intent { step } if step == "maintenance-on"),
    )?;
    let records = &records[opening..];
    let mut window = Downtime {
        closed: false,
        seconds: 0.0,
        phases: Vec::new(),
    };
    let mut since = opened(records);
    for pair in records.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        let end = closing(after);
        let at = end.unwrap_or(after.record.at);
        let phase = between(before, Some(after));
        // The clocks of two machines need not agree.
        window.add(phase, at.duration_since(since).as_secs_f64().max(0.0));
        since = since.max(at);
        if end.is_some() {
            window.closed = true;
            return Some(window);
        }
    }
    let last = records.last()?;
    let running = running.unwrap_or_else(|| between(last, None));
    window.add(running, now.duration_since(since).as_secs_f64().max(0.0));
    Some(window)
}

/// The entries of the latest attempt at a cutover, and of rollbacks that came after it began.
fn of_latest(records: &[Record]) -> Vec<&Record> {
    let cutovers = records.iter().filter(|r| r.record.phase == CUTOVER);
    let Some(latest) = cutovers.map(|r| r.record.attempt).max() else {
        return Vec::new();
    };
    let of_cutover = |r: &Record| r.record.phase == CUTOVER && r.record.attempt == latest;
    let begun = records.iter().skip_while(|record| !of_cutover(record));
    let wanted = |record: &&Record| of_cutover(record) || record.record.phase == ROLLBACK;
    begun.filter(wanted).collect()
}

/// The moment before maintenance mode was asked for, as the step itself tells it.
fn opened(records: &[&Record]) -> Timestamp {
    let told = records
        .iter()
        .find_map(|record| match &record.record.entry {
            Entry::Applied { step, output, .. } if step == "maintenance-on" => moment(output),
            _ => None,
        });
    told.unwrap_or(records[0].record.at)
}

/// When an entry ends the window: what the step itself tells, else the entry's own moment.
fn closing(record: &Record) -> Option<Timestamp> {
    let at = record.record.at;
    match &record.record.entry {
        Entry::Applied { step, output, .. }
            if step == "maintenance-off" || step == "maintenance-back" =>
        {
            Some(moment(output).unwrap_or(at))
        }
        Entry::Undone { step } if step == "maintenance-on" => Some(at),
        _ => None,
    }
}

fn moment(output: &Value) -> Option<Timestamp> {
    output.get("at")?.as_str()?.parse().ok()
}

/// What went on between two entries that follow each other; between the last one and now where
/// none follows.
fn between(before: &Record, after: Option<&Record>) -> Phase {
    let next = after.map(|record| &record.record.entry);
    let waited = matches!(next, Some(Entry::PhaseStarted { .. }))
        || next.is_some_and(asked)
        || matches!(&before.record.entry, Entry::Failed { error, .. }
            if error.kind == ErrorKind::Interrupted);
    if waited {
        return Phase::WaitingForYou;
    }
    let back = |record: &Record| record.record.phase == ROLLBACK || is_undo(&record.record.entry);
    if back(before) || after.is_some_and(back) {
        return Phase::WayBack;
    }
    let running = matches!(before.record.entry, Entry::Intent { .. });
    let step = match (running, next.and_then(step_of)) {
        (false, Some(step)) => Some(step),
        _ => step_of(&before.record.entry),
    };
    step.and_then(Phase::of).unwrap_or(Phase::WaitingForYou)
}

/// Whether a person was asked: an answer that was given as a flag took nobody's time.
fn asked(entry: &Entry) -> bool {
    match entry {
        Entry::Consent {
            answer: Answer::Given { how },
            ..
        } => !how.starts_with("--"),
        Entry::Consent { .. } => true,
        _ => false,
    }
}

fn is_undo(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::UndoIntent { .. } | Entry::Undone { .. } | Entry::UndoFailed { .. }
    )
}

fn step_of(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Intent { step }
        | Entry::Applied { step, .. }
        | Entry::Failed { step, .. }
        | Entry::Consent { step, .. } => Some(step),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
