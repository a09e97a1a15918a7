use connect_swap_engine::{NewRecord, StepError};
use serde_json::json;

use super::*;

/// Entries with the second at which each was written.
fn journal(entries: &[(&str, u32, i64, Entry)]) -> Vec<Record> {
    let numbered = entries.iter().zip(1..);
    numbered
        .map(|((phase, attempt, at, entry), seq)| Record {
            seq,
            record: NewRecord {
                phase: (*phase).to_owned(),
                attempt: *attempt,
                at: second(*at),
                entry: entry.clone(),
            },
        })
        .collect()
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap()
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
        found: false,
    }
}

fn failed(step: &str, kind: ErrorKind) -> Entry {
    Entry::Failed {
        step: step.to_owned(),
        error: StepError::new(kind, "it failed"),
    }
}

fn consent(step: &str, how: &str) -> Entry {
    Entry::Consent {
        step: step.to_owned(),
        answer: Answer::Given { how: how.into() },
    }
}

fn undo(step: &str) -> [Entry; 2] {
    let step = step.to_owned();
    [
        Entry::UndoIntent { step: step.clone() },
        Entry::Undone { step },
    ]
}

fn of(entries: &[(&str, u32, i64, Entry)], now: i64) -> (bool, f64, Vec<(Phase, f64)>) {
    let window = downtime(&journal(entries), second(now)).unwrap();
    let phases = window.phases.iter();
    let phases = phases.map(|took| (took.phase, took.seconds)).collect();
    (window.closed, window.seconds, phases)
}

fn until_promotion() -> Vec<(&'static str, u32, i64, Entry)> {
    let at = |second: &str| json!({ "at": format!("1970-01-01T00:{second}Z") });
    vec![
        (CUTOVER, 1, 0, begun()),
        (CUTOVER, 1, 9, consent("maintenance-on", "typing demo")),
        (CUTOVER, 1, 10, intent("maintenance-on")),
        (CUTOVER, 1, 13, applied("maintenance-on", at("00:11"))),
        (CUTOVER, 1, 14, intent("wait-dynos")),
        (CUTOVER, 1, 30, applied("wait-dynos", json!({}))),
        (CUTOVER, 1, 31, intent("drain")),
        (CUTOVER, 1, 40, applied("drain", json!({}))),
        (CUTOVER, 1, 42, intent("pause-old")),
    ]
}

#[test]
fn a_window_is_told_by_phase_and_what_a_person_takes_is_a_phase_of_its_own() {
    let mut entries = until_promotion();
    let off = json!({ "at": "1970-01-01T00:05:00Z" });
    entries.extend([
        (CUTOVER, 1, 60, applied("pause-old", json!({}))),
        (CUTOVER, 1, 160, consent("promote", "typing demo")),
        (CUTOVER, 1, 161, intent("promote")),
        (CUTOVER, 1, 165, applied("promote", json!({}))),
        (CUTOVER, 1, 200, intent("wait-up")),
        (CUTOVER, 1, 298, applied("wait-up", json!({}))),
        (CUTOVER, 1, 298, intent("maintenance-off")),
        (CUTOVER, 1, 302, applied("maintenance-off", off)),
        (CUTOVER, 1, 303, intent("verify-arrival")),
    ]);
    assert_eq!(
        of(&entries, 999),
        (
            true,
            289.0,
            vec![
                (Phase::Stop, 19.0),
                (Phase::Drain, 10.0),
                (Phase::Pause, 20.0),
                (Phase::WaitingForYou, 100.0),
                (Phase::Promotion, 5.0),
                (Phase::Boot, 135.0),
            ]
        )
    );
    entries[10].3 = consent("promote", "--yes");
    let (_, _, phases) = of(&entries, 999);
    assert!(!phases.iter().any(|(of, _)| *of == Phase::WaitingForYou));
}

#[test]
fn an_open_window_runs_on_in_the_step_at_hand() {
    let (closed, seconds, phases) = of(&until_promotion(), 100);
    assert_eq!((closed, seconds), (false, 89.0));
    assert_eq!(phases.last(), Some(&(Phase::Pause, 60.0)));
}

#[test]
fn a_question_that_stands_is_nobodys_work() {
    let mut entries = until_promotion();
    entries.push((CUTOVER, 1, 60, applied("pause-old", json!({}))));
    let asked = downtime_while_asked(&journal(&entries), second(160)).unwrap();
    assert_eq!(asked.phase(Phase::Pause), 20.0);
    assert_eq!(asked.phase(Phase::WaitingForYou), 100.0);
}

#[test]
fn a_run_that_was_paused_or_killed_waited_for_its_operator() {
    let mut entries = until_promotion();
    entries.extend([
        (CUTOVER, 1, 50, failed("pause-old", ErrorKind::Interrupted)),
        (CUTOVER, 1, 80, begun()),
        (CUTOVER, 1, 82, intent("pause-old")),
        (CUTOVER, 1, 182, begun()),
        (CUTOVER, 1, 183, intent("pause-old")),
    ]);
    let (_, seconds, phases) = of(&entries, 190);
    assert_eq!(seconds, 179.0);
    assert_eq!(
        phases[2..],
        [(Phase::Pause, 20.0), (Phase::WaitingForYou, 130.0)]
    );
}

#[test]
fn a_window_that_was_undone_ends_with_maintenance_and_knows_the_way_back() {
    let mut entries = until_promotion();
    entries.push((CUTOVER, 1, 50, failed("pause-old", ErrorKind::Failed)));
    for (at, entry) in [51, 55].into_iter().zip(undo("wait-dynos")) {
        entries.push((CUTOVER, 1, at, entry));
    }
    for (at, entry) in [56, 58].into_iter().zip(undo("maintenance-on")) {
        entries.push((CUTOVER, 1, at, entry));
    }
    for (at, entry) in [59, 90].into_iter().zip(undo("pause-old")) {
        entries.push((CUTOVER, 1, at, entry));
    }
    let (closed, seconds, phases) = of(&entries, 999);
    assert_eq!((closed, seconds), (true, 47.0));
    assert_eq!(phases[2..], [(Phase::Pause, 10.0), (Phase::WayBack, 8.0)]);
}

#[test]
fn a_rollback_closes_the_window_and_an_earlier_attempt_does_not_count() {
    let mut entries = vec![(CUTOVER, 1, 0, intent("maintenance-on"))];
    entries.extend(until_promotion());
    for entry in &mut entries[1..] {
        entry.1 = 2;
    }
    entries.extend([
        (CUTOVER, 2, 60, applied("pause-old", json!({}))),
        (ROLLBACK, 1, 70, begun()),
        (ROLLBACK, 1, 72, intent("maintenance-back")),
        (ROLLBACK, 1, 75, applied("maintenance-back", json!({}))),
    ]);
    let (closed, seconds, phases) = of(&entries, 999);
    assert_eq!((closed, seconds), (true, 64.0));
    assert_eq!(
        phases[2..],
        [
            (Phase::Pause, 20.0),
            (Phase::WaitingForYou, 10.0),
            (Phase::WayBack, 5.0)
        ]
    );
}

#[test]
fn without_a_window_there_is_nothing_to_tell() {
    let entries = [
        (CUTOVER, 1, 0, begun()),
        (CUTOVER, 1, 1, intent("readiness")),
    ];
    assert_eq!(downtime(&journal(&entries), second(9)), None);
}
