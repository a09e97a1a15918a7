//! Ctrl-C before, in and after the window, and on the way back.

use std::sync::Mutex;

use async_trait::async_trait;
use connect_swap_engine::{
    Answer, Choice, ConsentRequest, Control, Effect, Ending, Entry, Event, Gate, Injection,
    Interruption, MemoryJournal, OnFailure, Plan, Runner, Sink, Step, StepError,
};
use serde_json::Value;

use crate::toy::{Toy, World, Yes, at, plan, record, run_past, run_plan, run_with, runner};

#[tokio::test]
async fn an_interruption_in_the_window_goes_back_when_the_operator_says_so() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    let injection = Injection {
        fail_before: at("copy"),
        ..Injection::default()
    };
    let control = Control::default();
    control.interrupt(Interruption::Ask);
    // Before the window a wish to pause only pauses.
    let ending = run_with(&world, &journal, injection, &control, Choice::RollBack).await;
    assert!(matches!(ending, Ending::Paused { .. }), "{ending:?}");
    assert!(world.on().is_empty());
}

/// Presses Ctrl-C at the prompt of `release`, and wants to roll back whatever is on offer.
struct CtrlCOnTheWayBack<'a>(&'a Control, Mutex<Vec<bool>>);

#[async_trait]
impl Gate for CtrlCOnTheWayBack<'_> {
    fn missing(&self, _requests: &[ConsentRequest]) -> Vec<String> {
        Vec::new()
    }

    async fn ask(&self, request: &ConsentRequest) -> Answer {
        if request.step == "release" {
            self.0.interrupt(Interruption::Ask);
            return Answer::Interrupted;
        }
        Answer::Given {
            how: "test".to_owned(),
        }
    }

    async fn interrupted(&self, _step: &str, can_roll_back: bool) -> Choice {
        self.1
            .lock()
            .expect("no test panics with it")
            .push(can_roll_back);
        Choice::RollBack
    }
}

fn plan_without_undos() -> Plan<World> {
    use Effect::{Downtime, Reversible};
    use OnFailure::Forward;
    Plan::new(
        "toy",
        vec![
            Box::new(Toy("close", Downtime, Forward)),
            Box::new(Toy("release", Reversible, Forward)),
        ],
    )
    .expect("names are distinct")
}

#[tokio::test]
async fn a_plan_without_undos_is_never_unwound() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    let control = Control::default();
    let gate = CtrlCOnTheWayBack(&control, Mutex::default());
    let plan = plan_without_undos();
    let injection = Injection::default();
    let ending = run_plan(&plan, &world, &journal, injection, &control, &gate).await;
    assert!(matches!(ending, Ending::Paused { .. }), "{ending:?}");
    assert_eq!(*gate.1.lock().unwrap(), [false], "nothing to go back with");
    assert_eq!(world.on(), ["close"]);
    let run = async |journal: &MemoryJournal| {
        let (injection, control) = (Injection::default(), Control::default());
        run_plan(
            &plan,
            &world,
            journal,
            injection,
            &control,
            &Yes(Choice::Continue),
        )
        .await
    };
    assert_eq!(run(&journal).await, Ending::Done);
    // A journal in which that has happened is no dead end.
    let wedged = || {
        let step = || "close".to_owned();
        let error = StepError::failed("cannot be undone");
        vec![
            record(Entry::PhaseStarted {
                steps: Vec::new(),
                by: Value::Null,
            }),
            record(Entry::Intent { step: step() }),
            record(Entry::UndoIntent { step: step() }),
            record(Entry::UndoFailed {
                step: step(),
                error,
            }),
        ]
    };
    assert_eq!(run(&MemoryJournal::with(wedged())).await, Ending::Done);
}

/// Presses Ctrl-C at the prompt of the switch, then chooses from the menu.
struct CtrlCAtTheSwitch<'a>(&'a Control, Mutex<Vec<Choice>>);

#[async_trait]
impl Gate for CtrlCAtTheSwitch<'_> {
    fn missing(&self, _requests: &[ConsentRequest]) -> Vec<String> {
        Vec::new()
    }

    async fn ask(&self, request: &ConsentRequest) -> Answer {
        if request.step == "switch" && !self.1.lock().expect("no test panics with it").is_empty() {
            self.0.interrupt(Interruption::Ask);
            return Answer::Interrupted;
        }
        Answer::Given {
            how: "test".to_owned(),
        }
    }

    async fn interrupted(&self, _step: &str, can_roll_back: bool) -> Choice {
        assert!(can_roll_back);
        self.1
            .lock()
            .expect("no test panics with it")
            .pop()
            .expect("asked once for each Ctrl-C")
    }
}

#[tokio::test]
async fn ctrl_c_at_a_prompt_in_the_window_offers_the_menu() {
    for (choices, on) in [
        (vec![Choice::Continue], 4),
        (vec![Choice::Continue, Choice::Continue], 4),
        (vec![Choice::RollBack], 0),
        (vec![Choice::Pause], 2),
    ] {
        let (world, journal) = (World::default(), MemoryJournal::default());
        let control = Control::default();
        let chosen = choices.last().copied();
        let gate = CtrlCAtTheSwitch(&control, Mutex::new(choices));
        let ending = run_past(&world, &journal, Injection::default(), &control, &gate).await;
        let expected = match chosen {
            Some(Choice::RollBack) => matches!(ending, Ending::RolledBack { .. }),
            Some(Choice::Pause) => matches!(ending, Ending::Paused { .. }),
            _ => ending == Ending::Done,
        };
        assert!(expected, "{chosen:?}: {ending:?}");
        assert_eq!(world.on().len(), on, "{chosen:?}");
    }
}

/// Ctrl-C once the app is up again only pauses: there is no window to choose in.
#[tokio::test]
async fn after_the_window_ctrl_c_only_pauses() {
    use Effect::{Downtime, Read};
    use OnFailure::Forward;
    let steps: Vec<Box<dyn Step<World>>> = vec![
        Box::new(Toy("close", Downtime, Forward)),
        Box::new(Toy("open", Downtime, Forward)),
        Box::new(Toy("look", Read, Forward)),
    ];
    let plan = Plan::new("toy", steps).unwrap();
    for (step, asked) in [("open", true), ("look", false)] {
        let (world, journal) = (World::default(), MemoryJournal::default());
        let control = Control::default();
        let menu = Menu(Mutex::default());
        let sink = CtrlCAt(step, &control);
        let injection = Injection::default();
        let runner = Runner {
            gate: &menu,
            sink: &sink,
            ..runner(&plan, &world, &journal, &control, &injection)
        };
        let ending = runner.run().await;
        assert_eq!(*menu.0.lock().unwrap(), asked, "{step}: {ending:?}");
        assert!(
            matches!(ending, Ending::Paused { .. }),
            "{step}: {ending:?}"
        );
    }
}

/// Presses Ctrl-C when the step before this one has ended.
struct CtrlCAt<'a>(&'static str, &'a Control);

impl Sink for CtrlCAt<'_> {
    fn emit(&self, event: Event) {
        let before = if self.0 == "open" { "close" } else { "open" };
        if matches!(&event, Event::StepEnded { step, .. } if step == before) {
            self.1.interrupt(Interruption::Ask);
        }
    }
}

/// Remembers whether the menu was shown, and pauses.
struct Menu(Mutex<bool>);

#[async_trait]
impl Gate for Menu {
    fn missing(&self, _requests: &[ConsentRequest]) -> Vec<String> {
        Vec::new()
    }

    async fn ask(&self, _request: &ConsentRequest) -> Answer {
        Answer::Given {
            how: "test".to_owned(),
        }
    }

    async fn interrupted(&self, _step: &str, _can_roll_back: bool) -> Choice {
        *self.0.lock().expect("no test panics with it") = true;
        Choice::Pause
    }
}

/// Presses Ctrl-C when a step begins to be undone, and keeps what it was told.
struct CtrlCWhileUndoing<'a>(&'a Control, Mutex<Vec<Event>>);

impl Sink for CtrlCWhileUndoing<'_> {
    fn emit(&self, event: Event) {
        if matches!(&event, Event::UndoStarted { step, .. } if step == "switch") {
            self.0.interrupt(Interruption::Ask);
        }
        self.1.lock().expect("no test panics with it").push(event);
    }
}

#[tokio::test]
async fn ctrl_c_while_going_back_stays_in_force_and_is_not_heard_by_the_undo() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    let (plan, control) = (plan(), Control::default());
    let sink = CtrlCWhileUndoing(&control, Mutex::default());
    let injection = Injection {
        fail_before: at("switch"),
        ..Injection::default()
    };
    let runner = Runner {
        sink: &sink,
        ..runner(&plan, &world, &journal, &control, &injection)
    };
    let ending = runner.run().await;
    assert!(matches!(ending, Ending::RolledBack { .. }), "{ending:?}");
    assert!(world.on().is_empty());
    // A second Ctrl-C must find the first one, else nothing can stop the process.
    assert_eq!(control.interruption(), Interruption::Ask);
    let undone: Vec<String> = sink
        .1
        .lock()
        .unwrap()
        .iter()
        .filter_map(|event| match event {
            Event::UndoStarted { step, .. } => Some(step.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(undone, ["switch", "close", "copy"]);
}
