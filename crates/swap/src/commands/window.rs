//! The window as an earlier process has left it.

use connect_swap_engine::{
    Entry, Event, Journal, PhaseState, Record, Replay, ReplayError, Status, StepError,
};
use jiff::Timestamp;

use crate::downtime::Estimate;
use crate::operator::Operator;
use crate::plans::{CUTOVER, ROLLBACK};
use crate::steps::cutover::Opened;
use crate::world::World;

/// Tells that the window is open where an earlier run has opened it: the clock on the screen and what
/// Ctrl-C means go by that, also where the step that opened it is not looked at again.
///
/// # Errors
/// When the journal cannot be read or believed.
pub(super) async fn announce(operator: &Operator, world: &World) -> Result<(), StepError> {
    let records = world
        .journal
        .records()
        .await
        .map_err(|error| StepError::failed("the journal cannot be read").because(&error))?;
    let opened = opened(&records).map_err(|error| {
        StepError::unbelievable("the journal cannot be believed").because(&error)
    })?;
    if let Some(at) = opened {
        let expected = world.estimate.as_ref().map(Estimate::range);
        operator.sink.emit(Event::WindowOpened { at, expected });
    }
    Ok(())
}

/// When the window was opened that is still open; where only its intent is known, the moment of that.
fn opened(records: &[Record]) -> Result<Option<Timestamp>, ReplayError> {
    let cutover = Replay::latest(records, CUTOVER)?;
    let step = "maintenance-on";
    let open = cutover.state == PhaseState::Open
        && cutover.begun().contains(step)
        && cutover.status(step).may_have_effect()
        && !matches!(cutover.status("maintenance-off"), Status::Applied(_))
        && !closed_by_rollback(records, cutover.attempt);
    if !open {
        return Ok(None);
    }
    let output: Option<Opened> = cutover.outputs(records).find(step).ok().flatten();
    let intent = cutover.times(step).started_at;
    Ok(output.map(|opened| opened.at).or(intent))
}

/// Whether a rollback that came after this attempt has closed its window.
fn closed_by_rollback(records: &[Record], attempt: u32) -> bool {
    let of_attempt =
        |record: &Record| record.record.phase == CUTOVER && record.record.attempt == attempt;
    let after = records.iter().skip_while(|record| !of_attempt(record));
    after.into_iter().any(|record| {
        record.record.phase == ROLLBACK
            && matches!(&record.record.entry, Entry::Applied { step, .. } if step == "maintenance-back")
    })
}

#[cfg(test)]
mod tests {
    use connect_swap_engine::{NewRecord, PhaseOutcome};
    use serde_json::{Value, json};

    use super::*;

    fn journal(entries: &[(&str, u32, Entry)]) -> Vec<Record> {
        let numbered = entries.iter().zip(1..);
        numbered
            .map(|((phase, attempt, entry), seq)| Record {
                seq,
                record: NewRecord {
                    phase: (*phase).to_owned(),
                    attempt: *attempt,
                    at: Timestamp::from_second(seq).unwrap(),
                    entry: entry.clone(),
                },
            })
            .collect()
    }

    fn begun() -> Entry {
        Entry::PhaseStarted {
            steps: Vec::new(),
            by: Value::Null,
        }
    }

    fn intent(step: &str) -> Entry {
        Entry::Intent {
            step: step.to_owned(),
        }
    }

    fn applied(step: &str, output: Value) -> Entry {
        Entry::Applied {
            step: step.to_owned(),
            output,
            found: true,
        }
    }

    fn seconds(entries: &[(&str, u32, Entry)]) -> Option<i64> {
        opened(&journal(entries)).unwrap().map(Timestamp::as_second)
    }

    #[test]
    fn an_open_window_is_known_by_its_output_or_its_intent() {
        let mut entries = vec![(CUTOVER, 1, begun())];
        assert_eq!(seconds(&entries), None);
        entries.push((CUTOVER, 1, intent("maintenance-on")));
        assert_eq!(seconds(&entries), Some(2));
        let at = json!({ "at": "1970-01-01T00:00:40Z" });
        entries.push((CUTOVER, 1, applied("maintenance-on", at)));
        assert_eq!(seconds(&entries), Some(40));
        let mut off = entries.clone();
        off.push((CUTOVER, 1, applied("maintenance-off", json!({}))));
        assert_eq!(seconds(&off), None);
        let mut undone = entries.clone();
        let step = || "maintenance-on".to_owned();
        undone.push((CUTOVER, 1, Entry::UndoIntent { step: step() }));
        assert_eq!(seconds(&undone), Some(40));
        undone.push((CUTOVER, 1, Entry::Undone { step: step() }));
        assert_eq!(seconds(&undone), None);
    }

    #[test]
    fn a_rollback_closes_the_window_of_the_cutover_before_it() {
        let at = json!({ "at": "1970-01-01T00:00:40Z" });
        let mut entries = vec![
            (CUTOVER, 1, begun()),
            (CUTOVER, 1, intent("maintenance-on")),
            (CUTOVER, 1, applied("maintenance-on", at.clone())),
            (ROLLBACK, 1, begun()),
        ];
        assert_eq!(seconds(&entries), Some(40));
        entries.push((ROLLBACK, 1, applied("maintenance-back", json!({}))));
        assert_eq!(seconds(&entries), None);
        let outcome = PhaseOutcome::RolledBack;
        entries.push((CUTOVER, 1, Entry::PhaseEnded { outcome }));
        entries.push((CUTOVER, 2, begun()));
        entries.push((CUTOVER, 2, intent("maintenance-on")));
        entries.push((CUTOVER, 2, applied("maintenance-on", at)));
        assert_eq!(seconds(&entries), Some(40));
    }
}
