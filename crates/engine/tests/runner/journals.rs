//! Journals that are lost, that nobody can have written, and what is remembered of them.

use async_trait::async_trait;
use connect_swap_engine::{
    Control, Ending, Entry, Injection, Journal, JournalError, MemoryJournal, NewRecord, Outputs,
    PhaseOutcome, PhaseState, Record, Replay, Status,
};
use serde_json::{Value, json};

use crate::toy::{World, plan, record, runner};

/// A journal that is gone from the entry on that says this of a step.
struct Lost(MemoryJournal, fn(&Entry) -> bool);

#[async_trait]
impl Journal for Lost {
    async fn append(&self, record: NewRecord) -> Result<(), JournalError> {
        if (self.1)(&record.entry) {
            return Err(JournalError {
                message: "gone".to_owned(),
                source: None,
            });
        }
        self.0.append(record).await
    }

    async fn records(&self) -> Result<Vec<Record>, JournalError> {
        self.0.records().await
    }
}

#[tokio::test]
async fn a_journal_lost_in_the_window_leaves_the_commands() {
    let at_close: fn(&Entry) -> bool =
        |entry| matches!(entry, Entry::Intent { step } if step == "close");
    let at_copy: fn(&Entry) -> bool =
        |entry| matches!(entry, Entry::Applied { step, .. } if step == "copy");
    let at_open: fn(&Entry) -> bool =
        |entry| matches!(entry, Entry::Applied { step, .. } if step == "open");
    for (lost, expected) in [
        (at_close, vec![]),
        (at_copy, vec!["do copy by hand", "do close by hand"]),
        (at_open, vec!["do open by hand"]),
    ] {
        let world = World::default();
        let journal = Lost(MemoryJournal::default(), lost);
        let (plan, control, injection) = (plan(), Control::default(), Injection::default());
        let runner = runner(&plan, &world, &journal, &control, &injection);
        let Ending::Journal { by_hand, .. } = runner.run().await else {
            panic!("the journal was lost");
        };
        assert_eq!(by_hand, expected);
    }
}

/// Another run may have gone on while the session was lost: a step is done again only by the run whose
/// journal takes a note of it.
#[tokio::test]
async fn a_step_is_not_done_again_where_the_journal_is_lost_with_the_session() {
    let world = World::default();
    *world.loses.lock().unwrap() = Some(("copy", 1));
    let journal = Lost(MemoryJournal::default(), |entry| {
        matches!(entry, Entry::Note { .. })
    });
    let (plan, control, injection) = (plan(), Control::default(), Injection::default());
    let ending = runner(&plan, &world, &journal, &control, &injection)
        .run()
        .await;
    assert!(matches!(ending, Ending::Journal { .. }), "{ending:?}");
    assert_eq!(world.on(), ["close"]);
}

#[test]
fn a_journal_that_nobody_could_have_written_is_refused() {
    let start = || {
        record(Entry::PhaseStarted {
            steps: Vec::new(),
            by: Value::Null,
        })
    };
    let undone = || {
        record(Entry::Undone {
            step: "a".to_owned(),
        })
    };
    let intent = || {
        record(Entry::Intent {
            step: "a".to_owned(),
        })
    };
    let end = || {
        record(Entry::PhaseEnded {
            outcome: PhaseOutcome::Done,
        })
    };
    assert!(Replay::latest(&[intent()], "toy").is_err());
    assert!(Replay::latest(&[start(), undone()], "toy").is_err());
    assert!(Replay::latest(&[start(), end(), intent()], "toy").is_err());
    let replay = Replay::latest(&[start(), intent()], "toy").unwrap();
    assert_eq!(
        (replay.state, replay.status("a")),
        (PhaseState::Open, &Status::Started)
    );
}

#[test]
fn outputs_of_an_attempt_that_was_rolled_back_are_forgotten() {
    let applied = record(Entry::Applied {
        step: "a".to_owned(),
        output: json!(1),
        found: true,
    });
    let start = record(Entry::PhaseStarted {
        steps: Vec::new(),
        by: Value::Null,
    });
    let records = [start, applied];
    let outputs = |attempt| -> Outputs { Replay::fresh("toy", attempt).outputs(&records) };
    assert!(outputs(1).raw("a").is_some());
    assert!(outputs(2).raw("a").is_none());
}
