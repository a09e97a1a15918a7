use connect_swap_engine::{Entry, NewRecord, Record};
use connect_swap_heroku::platform::{Dyno, Release};
use serde_json::{Value, json};

use super::*;
use crate::downtime::Phase;
use crate::findings::fixture::{formation, healthy_with_new_pair};
use crate::plans::CUTOVER;

fn release(version: u64, status: &str, seconds: u32) -> Release {
    serde_json::from_value(json!({ "id": format!("r-{version}"), "version": version,
        "status": status, "description": "Deploy", "created_at": "2026-01-01T00:00:00Z",
        "updated_at": format!("2026-01-01T00:{:02}:{:02}Z", seconds / 60, seconds % 60) }))
    .unwrap()
}

fn dyno(kind: &str, seconds: u32) -> Dyno {
    serde_json::from_value(
        json!({ "id": kind, "name": format!("{kind}.1"), "type": kind,
        "state": "up", "created_at": "2026-01-01T00:00:00Z",
        "updated_at": format!("2026-01-01T00:00:{seconds:02}Z") }),
    )
    .unwrap()
}

fn of(snapshot: &Snapshot, records: Vec<Record>, phase: Phase) -> Option<(f64, f64)> {
    let estimate = forecast(snapshot, &records);
    let expected = estimate.phase(phase)?;
    assert!(!expected.why.is_empty());
    Some((expected.low, expected.high))
}

fn took(step: &str, seconds: i64) -> Vec<Record> {
    let record = |at, entry| Record {
        seq: 0,
        record: NewRecord {
            phase: CUTOVER.into(),
            attempt: 1,
            at: jiff::Timestamp::from_second(at).unwrap(),
            entry,
        },
    };
    let step = step.to_owned();
    vec![
        record(0, Entry::Intent { step: step.clone() }),
        record(
            seconds,
            Entry::Applied {
                step,
                output: Value::Null,
                found: false,
            },
        ),
    ]
}

#[test]
fn without_a_measure_the_documented_figures_stand() {
    let snapshot = healthy_with_new_pair();
    let of = |phase| of(&snapshot, Vec::new(), phase);
    assert_eq!(of(Phase::Stop), Some((2.0, 35.0)));
    assert_eq!(of(Phase::Drain), Some((0.0, 120.0)));
    assert_eq!(of(Phase::Polls), Some((0.0, 720.0)));
    assert_eq!(of(Phase::Pause), Some((2.0, 120.0)));
    assert_eq!(of(Phase::Rows), Some((1.0, 7.0)));
    assert_eq!(of(Phase::ReleasePhase), None);
    assert_eq!(of(Phase::Boot), Some((5.0, 90.0)));
    let estimate = forecast(&snapshot, &[]);
    let lows: f64 = estimate.phases.iter().map(|phase| phase.low).sum();
    assert_eq!(estimate.low, lows);
    assert!(estimate.phases.is_sorted_by_key(|expected| expected.phase));
}

#[test]
fn an_earlier_attempt_of_this_swap_says_more() {
    let snapshot = healthy_with_new_pair();
    let pause = of(&snapshot, took("pause-old", 60), Phase::Pause);
    assert_eq!(pause, Some((2.0, 125.0)));
    let boot = of(&snapshot, took("wait-up", 60), Phase::Boot);
    assert_eq!(boot, Some((5.0, 90.0)), "one of two steps is no measure");
}

#[test]
fn a_poll_is_waited_for_where_the_app_may_write() {
    let mut snapshot = healthy_with_new_pair();
    let of = |snapshot: &Snapshot| of(snapshot, Vec::new(), Phase::Polls);
    let mappings = &mut snapshot.new.connection.as_mut().unwrap().mappings;
    for mapping in mappings.iter_mut() {
        mapping.config["sf_polling_seconds"] = 120.into();
    }
    assert_eq!(of(&snapshot), Some((0.0, 240.0)));
    let mappings = &mut snapshot.new.connection.as_mut().unwrap().mappings;
    for mapping in mappings {
        mapping.config["access"] = "read_only".into();
    }
    assert_eq!(of(&snapshot), None);
}

#[test]
fn the_drain_is_as_slow_as_the_slow_writes_were_lately() {
    let mut snapshot = healthy_with_new_pair();
    snapshot.database.trigger_log.new = 400;
    let of = |snapshot: &Snapshot| of(snapshot, Vec::new(), Phase::Drain);
    assert_eq!(of(&snapshot), Some((2.0, 140.0)));
    snapshot.database.drain_history = DrainHistory {
        changes: 900,
        median: 4.0,
        slow: 15.0,
        busiest_minute: 2400,
    };
    assert_eq!(of(&snapshot), Some((2.0, 50.0)));
}

#[test]
fn releases_tell_how_long_a_release_phase_takes() {
    let mut snapshot = healthy_with_new_pair();
    snapshot.releases = vec![
        release(9, "succeeded", 40),
        release(8, "failed", 500),
        release(7, "succeeded", 70),
    ];
    let phases = |snapshot: &Snapshot| {
        [Phase::Promotion, Phase::ReleasePhase].map(|phase| of(snapshot, Vec::new(), phase))
    };
    assert_eq!(phases(&snapshot), [Some((81.0, 145.0)), None]);
    snapshot
        .formation
        .push(formation("release", 0, "bin/migrate"));
    assert_eq!(phases(&snapshot), [Some((2.0, 15.0)), Some((40.0, 140.0))]);
    snapshot.releases.clear();
    assert_eq!(phases(&snapshot)[1], Some((5.0, 300.0)));
}

#[test]
fn dynos_tell_how_long_a_boot_takes_and_only_web_ones_are_waited_for() {
    let mut snapshot = healthy_with_new_pair();
    snapshot.dynos = vec![dyno("web", 12), dyno("worker", 50)];
    let of = |snapshot: &Snapshot| of(snapshot, Vec::new(), Phase::Boot);
    assert_eq!(of(&snapshot), Some((6.0, 29.0)));
    snapshot
        .formation
        .retain(|process| process.process_type != "web");
    assert_eq!(of(&snapshot), Some((25.0, 105.0)));
    snapshot.formation.clear();
    assert_eq!(of(&snapshot), Some((1.0, 5.0)));
}
