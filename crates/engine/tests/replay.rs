//! Journals of any entries: read back as they were written, and derived from without a panic.

use connect_swap_engine::{
    Answer, Entry, ErrorKind, NewRecord, PhaseOutcome, PhaseState, Record, Replay, Status,
    StepError,
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const STEPS: [&str; 3] = ["stop", "drain", "promote"];

fn any_output() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop::collection::vec((".{0,4}", inner), 0..3)
            .prop_map(|members| Value::from(Map::from_iter(members)))
    })
}

fn any_error() -> impl Strategy<Value = StepError> {
    let kind = prop::sample::select(vec![
        ErrorKind::Failed,
        ErrorKind::Lost,
        ErrorKind::TimedOut,
        ErrorKind::Blocked,
        ErrorKind::Drifted,
        ErrorKind::NeedsLogin,
        ErrorKind::Interrupted,
        ErrorKind::Mismatch,
        ErrorKind::Declined,
        ErrorKind::Unbelievable,
    ]);
    let words = || prop::collection::vec(".{0,9}", 0..3);
    (kind, "(?s).{0,9}", words(), words()).prop_map(|(kind, message, causes, hints)| StepError {
        kind,
        message,
        causes,
        hints,
    })
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let step = || prop::sample::select(STEPS.as_slice()).prop_map(str::to_owned);
    let steps = || prop::collection::vec(".{0,5}", 0..3);
    let answer = prop_oneof![
        ".{0,5}".prop_map(|how| Answer::Given { how }),
        ".{0,5}".prop_map(|why| Answer::Declined { why }),
        Just(Answer::Interrupted),
    ];
    let outcome = prop_oneof![Just(PhaseOutcome::Done), Just(PhaseOutcome::RolledBack)];
    prop_oneof![
        (steps(), any_output()).prop_map(|(steps, by)| Entry::PhaseStarted { steps, by }),
        (step(), answer).prop_map(|(step, answer)| Entry::Consent { step, answer }),
        step().prop_map(|step| Entry::Intent { step }),
        (step(), any_output(), any::<bool>()).prop_map(|(step, output, found)| Entry::Applied {
            step,
            output,
            found
        }),
        (step(), any_error()).prop_map(|(step, error)| Entry::Failed { step, error }),
        step().prop_map(|step| Entry::UndoIntent { step }),
        step().prop_map(|step| Entry::Undone { step }),
        (step(), any_error()).prop_map(|(step, error)| Entry::UndoFailed { step, error }),
        outcome.prop_map(|outcome| Entry::PhaseEnded { outcome }),
        "(?s).{0,9}".prop_map(|text| Entry::Note { text }),
    ]
}

fn any_record() -> impl Strategy<Value = NewRecord> {
    let at = (-377_705_023_201_i64..253_402_207_200)
        .prop_map(|second| Timestamp::from_second(second).expect("a moment in range"));
    (at, any_entry()).prop_map(|(at, entry)| NewRecord {
        phase: "cutover".into(),
        attempt: 1,
        at,
        entry,
    })
}

fn numbered(entries: Vec<NewRecord>) -> Vec<Record> {
    let all = (1..).zip(entries);
    all.map(|(seq, record)| Record { seq, record }).collect()
}

/// A journal that begins as one does.
fn journal(entries: Vec<NewRecord>) -> Vec<Record> {
    let begun = NewRecord {
        phase: "cutover".into(),
        attempt: 1,
        at: Timestamp::UNIX_EPOCH,
        entry: Entry::PhaseStarted {
            steps: Vec::new(),
            by: Value::Null,
        },
    };
    numbered(std::iter::once(begun).chain(entries).collect())
}

proptest! {
    #[test]
    fn what_was_written_is_what_is_read(record in any_record()) {
        let text = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(&serde_json::from_str::<NewRecord>(&text).unwrap(), &record);
        let value = serde_json::to_value(&record).unwrap();
        prop_assert_eq!(serde_json::from_value::<NewRecord>(value).unwrap(), record);
    }

    #[test]
    fn what_was_changed_is_read_or_refused(
        record in any_record(), member in prop::sample::select(vec!["phase", "attempt", "at", "entry"]),
        inner in prop::sample::select(vec!["kind", "step", "output", "found", "error", "outcome"]),
        with in any_output()
    ) {
        let mut value = serde_json::to_value(&record).unwrap();
        value["entry"][inner] = with.clone();
        if let Err(error) = serde_json::from_value::<NewRecord>(value.clone()) {
            prop_assert!(!error.to_string().is_empty());
        }
        value[member] = with;
        let _ = serde_json::from_value::<NewRecord>(value);
    }

    #[test]
    fn any_journal_is_followed_or_refused(
        entries in prop::collection::vec(any_record(), 0..24), begun: bool
    ) {
        let records = if begun { journal(entries) } else { numbered(entries) };
        let whole = Replay::latest(&records, "cutover");
        if let Err(error) = &whole {
            prop_assert!(error.to_string().contains("cannot follow"), "{error}");
            // What cannot follow stays so, whatever comes after it.
            let longer = [&records[..], &records[..1.min(records.len())]].concat();
            prop_assert!(Replay::latest(&longer, "cutover").is_err());
        }
        if let Ok(replay) = whole {
            for length in 0..records.len() {
                prop_assert!(Replay::latest(&records[..length], "cutover").is_ok());
            }
            let outputs = replay.outputs(&records);
            for step in STEPS {
                let status = replay.status(step);
                match status {
                    Status::Applied(output) => prop_assert_eq!(outputs.raw(step), Some(output)),
                    Status::Undone => prop_assert_eq!(outputs.raw(step), None),
                    Status::Untouched => prop_assert!(!replay.begun().contains(step)),
                    _ => {}
                }
                let times = replay.times(step);
                prop_assert!(times.finished_at.is_none() || times.started_at.is_some());
            }
        }
    }

    #[test]
    fn no_step_is_undone_that_was_not_begun_to_be(
        entries in prop::collection::vec(any_record(), 0..24)
    ) {
        // Only what can follow is kept, as a run keeps it.
        let mut kept = journal(Vec::new());
        for record in entries {
            let seq = kept.len() as i64 + 1;
            kept.push(Record { seq, record });
            if Replay::latest(&kept, "cutover").is_err() {
                kept.pop();
            }
        }
        let replay = Replay::latest(&kept, "cutover").unwrap();
        let kinds = |wanted: &str, step: &str| {
            kept.iter().filter(|record| {
                let entry = serde_json::to_value(&record.record.entry).unwrap();
                entry["kind"] == wanted && entry["step"] == step
            }).count()
        };
        for step in STEPS {
            prop_assert!(kinds("undone", step) + kinds("undo-failed", step) <= kinds("undo-intent", step));
            if *replay.status(step) == Status::Undone {
                // A step that failed once more after it was undone is undone once more.
                prop_assert!(kinds("undone", step) >= 1);
            }
        }
        let ends = kept.iter().filter(|r| matches!(r.record.entry, Entry::PhaseEnded { .. })).count();
        prop_assert_eq!(ends, usize::from(matches!(replay.state, PhaseState::Ended(_))));
    }

    #[test]
    fn outputs_of_any_shape_are_read_or_refused(output in any_output()) {
        let entry = Entry::Applied { step: "stop".into(), output: output.clone(), found: true };
        let record = NewRecord {
            phase: "cutover".into(), attempt: 1, at: Timestamp::UNIX_EPOCH, entry,
        };
        let records = journal(vec![record]);
        let outputs = Replay::latest(&records, "cutover").unwrap().outputs(&records);
        prop_assert_eq!(outputs.get::<Value>("stop").unwrap(), output.clone());
        if let Err(error) = outputs.get::<u32>("stop") {
            prop_assert!(error.message.contains("stop"), "{error}");
        } else {
            prop_assert_eq!(json!(outputs.get::<u32>("stop").unwrap()), output);
        }
    }
}
