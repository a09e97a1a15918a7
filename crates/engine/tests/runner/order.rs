//! In which order steps are done, and what a failure or a crash makes of it.

use connect_swap_engine::{
    Choice, Control, Effect, Ending, Entry, Injection, Journal, MemoryJournal, OnFailure, Plan,
    Record, Replay, Step,
};
use serde_json::Value;

use crate::toy::{Toy, World, Yes, at, plan, record, run, run_plan};

#[tokio::test]
async fn a_failure_before_the_point_of_no_return_undoes_everything() {
    for step in ["close", "copy", "switch"] {
        let (world, journal) = (World::default(), MemoryJournal::default());
        let injection = Injection {
            fail_before: at(step),
            ..Injection::default()
        };
        let ending = run(&world, &journal, injection).await;
        assert!(
            matches!(&ending, Ending::RolledBack { step: at, .. } if at == step),
            "{ending:?}"
        );
        assert!(world.on().is_empty(), "{step}: {:?}", world.on());
        // The next run is a new attempt.
        assert_eq!(
            run(&world, &journal, Injection::default()).await,
            Ending::Done
        );
        let replay = Replay::latest(&journal.records().await.unwrap(), "toy").unwrap();
        assert_eq!(replay.attempt, 2);
    }
}

#[tokio::test]
async fn a_switch_that_took_place_although_it_failed_goes_on() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    let injection = Injection {
        fail_after: at("switch"),
        ..Injection::default()
    };
    assert_eq!(run(&world, &journal, injection).await, Ending::Done);
    assert_eq!(world.on().len(), 4);
}

#[tokio::test]
async fn after_the_switch_a_failure_is_stuck_with_commands_and_never_goes_back() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    let injection = Injection {
        fail_before: at("open"),
        ..Injection::default()
    };
    let ending = run(&world, &journal, injection).await;
    let Ending::Stuck { by_hand, .. } = ending else {
        panic!("{ending:?}")
    };
    assert_eq!(by_hand, ["do open by hand"]);
    assert_eq!(world.on(), ["close", "copy", "switch"]);
    // Steps before the switch are not looked at again, whatever the world says of them.
    world.on.lock().unwrap().remove("copy");
    assert_eq!(
        run(&world, &journal, Injection::default()).await,
        Ending::Done
    );
    assert_eq!(world.on(), ["close", "open", "switch"]);
}

/// The app is down then: whoever reads the ending must be woken, and told what to type.
#[tokio::test]
async fn a_switch_taken_back_by_hand_needs_a_person_while_the_window_is_open() {
    for window_open in [true, false] {
        let (world, journal) = (World::default(), MemoryJournal::default());
        let injection = Injection {
            fail_before: at(if window_open { "open" } else { "look" }),
            ..Injection::default()
        };
        let plan = plan_with_a_look();
        let control = Control::default();
        let run = async |injection| {
            let gate = Yes(Choice::Continue);
            run_plan(&plan, &world, &journal, injection, &control, &gate).await
        };
        run(injection).await;
        world.on.lock().unwrap().remove("switch");
        match run(Injection::default()).await {
            Ending::Stuck { step, by_hand, .. } if window_open => {
                assert_eq!(
                    (step.as_str(), by_hand),
                    ("switch", vec!["do switch by hand".into()])
                );
            }
            Ending::Drifted { step, .. } if !window_open => assert_eq!(step, "switch"),
            ending => panic!("open: {window_open}: {ending:?}"),
        }
    }
}

fn plan_with_a_look() -> Plan<World> {
    use Effect::{Downtime, NoReturn, Read};
    use OnFailure::{Forward, Unwind};
    let steps: Vec<Box<dyn Step<World>>> = vec![
        Box::new(Toy("close", Downtime, Unwind)),
        Box::new(Toy("switch", NoReturn, Unwind)),
        Box::new(Toy("open", Downtime, Forward)),
        Box::new(Toy("look", Read, Forward)),
    ];
    Plan::new("toy", steps).expect("names are distinct")
}

#[tokio::test]
async fn what_changed_before_the_intent_leaves_nothing_to_undo() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    *world.changed.lock().unwrap() = Some("close");
    let ending = run(&world, &journal, Injection::default()).await;
    assert!(matches!(ending, Ending::Drifted { .. }), "{ending:?}");
    assert!(world.undone.lock().unwrap().is_empty());
    *world.changed.lock().unwrap() = None;
    let ending = run(&world, &journal, Injection::default()).await;
    assert_eq!(ending, Ending::Done);
}

#[tokio::test]
async fn a_step_knows_whether_it_was_begun_before() {
    let start = Entry::PhaseStarted {
        steps: Vec::new(),
        by: Value::Null,
    };
    for begun in [false, true] {
        let mut records = vec![record(start.clone())];
        if begun {
            records.push(record(Entry::Intent {
                step: "copy".to_owned(),
            }));
        }
        let (world, journal) = (World::default(), MemoryJournal::with(records));
        assert_eq!(
            run(&world, &journal, Injection::default()).await,
            Ending::Done
        );
        assert_eq!(*world.begun.lock().unwrap(), [begun]);
    }
}

#[tokio::test]
async fn a_wait_that_reached_its_bound_is_not_tried_again() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    *world.waits.lock().unwrap() = Some(("open", 0));
    let ending = run(&world, &journal, Injection::default()).await;
    assert!(matches!(ending, Ending::Stuck { .. }), "{ending:?}");
    assert_eq!(*world.waits.lock().unwrap(), Some(("open", 1)));
}

#[tokio::test]
async fn a_run_cut_off_at_every_entry_comes_to_the_same_end() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    assert_eq!(
        run(&world, &journal, Injection::default()).await,
        Ending::Done
    );
    let whole = journal.records().await.unwrap();
    for length in 0..whole.len() {
        let world = World::default();
        let kept: Vec<Record> = whole[..length].to_vec();
        // What the journal says was done is done; what it says was begun may be or not.
        for record in &kept {
            if let Entry::Applied { step, .. } | Entry::Intent { step } = &record.record.entry {
                let plan = plan();
                let step = plan
                    .steps()
                    .iter()
                    .find(|known| known.id() == step)
                    .unwrap();
                if length % 2 == 0 || matches!(record.record.entry, Entry::Applied { .. }) {
                    world.on.lock().unwrap().insert(step.id());
                }
            }
        }
        let journal = MemoryJournal::with(kept);
        assert_eq!(
            run(&world, &journal, Injection::default()).await,
            Ending::Done,
            "{length}"
        );
        assert_eq!(world.on().len(), 4, "{length}");
    }
}

/// What was asked for and begun, in order.
fn asked_and_begun(records: &[Record]) -> Vec<String> {
    let told = records
        .iter()
        .filter_map(|record| match &record.record.entry {
            Entry::Consent { step, .. } => Some(format!("asked for {step}")),
            Entry::Intent { step } => Some(step.clone()),
            _ => None,
        });
    told.collect()
}

#[tokio::test]
async fn a_window_that_was_left_open_asks_at_once() {
    use Effect::{Downtime, NoReturn, Read};
    use OnFailure::{Forward, Unwind};
    let steps: [Toy; 5] = [
        Toy("close", Downtime, Unwind),
        Toy("wait", Read, Unwind),
        Toy("copy", Downtime, Unwind),
        Toy("switch", NoReturn, Unwind),
        Toy("open", Downtime, Forward),
    ];
    let boxed = steps.map(|step| Box::new(step) as Box<dyn Step<World>>);
    let plan = Plan::new("toy", boxed.into()).unwrap();
    let (world, journal) = (World::default(), MemoryJournal::default());
    for entry in [
        Entry::PhaseStarted {
            steps: plan.ids(),
            by: Value::Null,
        },
        Entry::Intent {
            step: "close".to_owned(),
        },
    ] {
        journal.append(record(entry).record).await.unwrap();
    }
    world.on.lock().unwrap().insert("close");
    let control = Control::default();
    let gate = Yes(Choice::Continue);
    let ending = run_plan(
        &plan,
        &world,
        &journal,
        Injection::default(),
        &control,
        &gate,
    )
    .await;
    assert_eq!(ending, Ending::Done);
    assert_eq!(
        asked_and_begun(&journal.records().await.unwrap())[1..],
        [
            "asked for copy",
            "wait",
            "copy",
            "asked for switch",
            "switch",
            "open"
        ]
    );
}
