//! The runner over toy steps: order, unwinding, going forward, and what a crash leaves.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Answer, Bound, Choice, Clock, ConsentRequest, Control, Description, Effect, Ending, Entry,
    Event, Gate, Injection, Interruption, Journal, JournalError, MemoryJournal, Moment, NewRecord,
    Observation, OnFailure, Outputs, PhaseOutcome, PhaseState, Plan, Record, Replay, Runner, Scope,
    Sink, Start, Status, Step, StepError, Wait, Where,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A world in which each step is on or off.
#[derive(Default)]
struct World {
    on: Mutex<BTreeSet<&'static str>>,
    /// The steps that were undone, in order.
    undone: Mutex<Vec<&'static str>>,
    /// The step whose undo fails.
    sticks: Mutex<Option<&'static str>>,
    /// The step that sees, after consent, that the world has changed.
    changed: Mutex<Option<&'static str>>,
    /// Whether `copy` was told that it had been begun before.
    begun: Mutex<Vec<bool>>,
    /// The step that waits in vain, and how often it has begun to.
    waits: Mutex<Option<(&'static str, u32)>>,
}

impl World {
    fn on(&self) -> Vec<&'static str> {
        self.on
            .lock()
            .expect("no test panics with it")
            .iter()
            .copied()
            .collect()
    }
}

struct Toy(&'static str, Effect, OnFailure);

#[async_trait]
impl Step<World> for Toy {
    fn id(&self) -> &'static str {
        self.0
    }

    fn effect(&self) -> Effect {
        self.1
    }

    fn on_failure(&self) -> OnFailure {
        self.2
    }

    fn describe(&self, _world: &World) -> Description {
        Description {
            what: self.0.to_owned(),
            ..Description::default()
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let done = scope
            .world
            .on
            .lock()
            .expect("no test panics with it")
            .contains(self.0);
        Ok(if done {
            Observation::Done(json!(self.0))
        } else {
            Observation::Ready
        })
    }

    async fn recheck(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        if self.0 == "copy" {
            let begun = scope.world.begun.lock();
            begun
                .expect("no test panics with it")
                .push(scope.begun("copy"));
        }
        let changed = *scope.world.changed.lock().expect("no test panics with it");
        match changed {
            Some(step) if step == self.0 => Err(StepError::drifted("it changed meanwhile")),
            _ => Ok(()),
        }
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let waits = {
            let mut waits = scope.world.waits.lock().expect("no test panics with it");
            let mine = waits.as_mut().filter(|(step, _)| *step == self.0);
            mine.map(|(_, times)| *times += 1).is_some()
        };
        if waits {
            let wait = Wait {
                reason: "what never comes".to_owned(),
                interval: Duration::ZERO,
                bound: Duration::ZERO,
                way_out: "none".to_owned(),
            };
            scope.sleep(Duration::ZERO).await?;
            return scope.wait_for(&wait, async || Ok(None)).await;
        }
        scope
            .world
            .on
            .lock()
            .expect("no test panics with it")
            .insert(self.0);
        Ok(json!(self.0))
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        // As a wait does.
        scope.check_interruption()?;
        let undone = scope.world.undone.lock();
        undone.expect("no test panics with it").push(self.0);
        let sticks = *scope.world.sticks.lock().expect("no test panics with it");
        if sticks == Some(self.0) {
            return Err(StepError::failed("it sticks"));
        }
        scope
            .world
            .on
            .lock()
            .expect("no test panics with it")
            .remove(self.0);
        Ok(())
    }

    fn undo_may_wait(&self) -> bool {
        self.0 == "copy"
    }

    fn closes_window(&self) -> bool {
        self.0 == "open"
    }

    fn by_hand(&self, _scope: &Scope<'_, World>) -> Vec<String> {
        vec![format!("do {} by hand", self.0)]
    }
}

fn plan() -> Plan<World> {
    use Effect::{Downtime, NoReturn};
    use OnFailure::{Forward, Unwind};
    Plan::new(
        "toy",
        vec![
            Box::new(Toy("close", Downtime, Unwind)),
            Box::new(Toy("copy", Downtime, Unwind)),
            Box::new(Toy("switch", NoReturn, Unwind)),
            Box::new(Toy("open", Downtime, Forward)),
        ],
    )
    .expect("names are distinct")
}

/// A clock on which waiting takes no time.
struct Instant;

#[async_trait]
impl Clock for Instant {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    async fn sleep(&self, _duration: Duration) {}
}

struct Deaf;

impl Sink for Deaf {
    fn emit(&self, _event: Event) {}
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

struct Yes(Choice);

#[async_trait]
impl Gate for Yes {
    fn missing(&self, _requests: &[ConsentRequest]) -> Vec<String> {
        Vec::new()
    }

    async fn ask(&self, _request: &ConsentRequest) -> Answer {
        Answer::Given {
            how: "test".to_owned(),
        }
    }

    async fn interrupted(&self, _step: &str, _can_roll_back: bool) -> Choice {
        self.0
    }
}

async fn run(world: &World, journal: &MemoryJournal, injection: Injection) -> Ending {
    run_with(
        world,
        journal,
        injection,
        &Control::default(),
        Choice::Continue,
    )
    .await
}

async fn run_with(
    world: &World,
    journal: &MemoryJournal,
    injection: Injection,
    control: &Control,
    choice: Choice,
) -> Ending {
    run_past(world, journal, injection, control, &Yes(choice)).await
}

async fn run_past(
    world: &World,
    journal: &MemoryJournal,
    injection: Injection,
    control: &Control,
    gate: &dyn Gate,
) -> Ending {
    run_plan(&plan(), world, journal, injection, control, gate).await
}

async fn run_plan(
    plan: &Plan<World>,
    world: &World,
    journal: &MemoryJournal,
    injection: Injection,
    control: &Control,
    gate: &dyn Gate,
) -> Ending {
    let runner = Runner {
        plan,
        world,
        journal,
        gate,
        sink: &Deaf,
        clock: &Instant,
        control,
        bound: None,
        injection: &injection,
        by: json!({}),
        start: Start::Resume,
    };
    runner.run().await
}

fn at(step: &str) -> Where {
    Where::Step(step.to_owned())
}

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
            plan: &plan,
            world: &world,
            journal: &journal,
            gate: &menu,
            sink: &sink,
            clock: &Instant,
            control: &control,
            bound: None,
            injection: &injection,
            by: json!({}),
            start: Start::Resume,
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
        plan: &plan,
        world: &world,
        journal: &journal,
        gate: &Yes(Choice::Continue),
        sink: &sink,
        clock: &Instant,
        control: &control,
        bound: None,
        injection: &injection,
        by: json!({}),
        start: Start::Resume,
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
        let runner = Runner {
            plan: &plan,
            world: &world,
            journal: &journal,
            gate: &Yes(Choice::Continue),
            sink: &Deaf,
            clock: &Instant,
            control: &control,
            bound: None,
            injection: &injection,
            by: json!({}),
            start: Start::Resume,
        };
        let Ending::Journal { by_hand, .. } = runner.run().await else {
            panic!("the journal was lost");
        };
        assert_eq!(by_hand, expected);
    }
}

#[tokio::test]
async fn an_undo_that_may_wait_does_not_keep_the_app_down() {
    for (sticks, left) in [("copy", vec!["copy"]), ("close", vec!["close", "copy"])] {
        let (world, journal) = (World::default(), MemoryJournal::default());
        *world.sticks.lock().unwrap() = Some(sticks);
        let fault = || Injection {
            fail_before: at("switch"),
            ..Injection::default()
        };
        let ending = run(&world, &journal, fault()).await;
        let Ending::Stuck { step, by_hand, .. } = ending else {
            panic!("{ending:?}")
        };
        assert_eq!(step, sticks);
        assert_eq!(by_hand, [format!("do {sticks} by hand")]);
        assert_eq!(world.on(), left);
        // The next run tries again what is left, and only that.
        *world.sticks.lock().unwrap() = None;
        let ending = run(&world, &journal, fault()).await;
        assert!(matches!(ending, Ending::RolledBack { .. }), "{ending:?}");
        assert!(world.on().is_empty());
    }
}

#[tokio::test]
async fn an_undo_that_may_wait_comes_when_the_app_is_up() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    let injection = Injection {
        fail_before: at("switch"),
        ..Injection::default()
    };
    let ending = run(&world, &journal, injection).await;
    assert!(matches!(ending, Ending::RolledBack { .. }), "{ending:?}");
    assert_eq!(*world.undone.lock().unwrap(), ["switch", "close", "copy"]);
}

#[tokio::test]
async fn an_undo_that_must_not_wait_stops_the_way_back() {
    let (world, journal) = (World::default(), MemoryJournal::default());
    *world.sticks.lock().unwrap() = Some("switch");
    let injection = Injection {
        fail_before: at("switch"),
        ..Injection::default()
    };
    let ending = run(&world, &journal, injection).await;
    assert!(
        matches!(&ending, Ending::Stuck { step, .. } if step == "switch"),
        "{ending:?}"
    );
    assert_eq!(world.on(), ["close", "copy"]);
}

fn record(entry: Entry) -> Record {
    let at = Timestamp::UNIX_EPOCH;
    Record {
        seq: 1,
        record: NewRecord {
            phase: "toy".to_owned(),
            attempt: 1,
            at,
            entry,
        },
    }
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

/// Refuses one step at one moment, and keeps what it was asked.
struct Refuses(&'static str, Moment, Mutex<Vec<&'static str>>);

#[async_trait]
impl Bound<World> for Refuses {
    async fn check(&self, scope: &Scope<'_, World>, moment: Moment) -> Result<(), StepError> {
        let mut asked = self.2.lock().expect("no test panics with it");
        asked.push(scope.step());
        if scope.step() == self.0 && moment == self.1 {
            return Err(StepError::failed("it takes too long"));
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_bound_of_the_run_leads_back_and_binds_no_longer_past_the_point_of_no_return() {
    for (step, moment) in [
        ("copy", Moment::BeforeStep),
        ("copy", Moment::WithinStep),
        ("switch", Moment::BeforeStep),
        ("nowhere", Moment::BeforeStep),
    ] {
        let (world, journal) = (World::default(), MemoryJournal::default());
        if moment == Moment::WithinStep {
            *world.waits.lock().unwrap() = Some((step, 0));
        }
        let refuses = Refuses(step, moment, Mutex::default());
        let plan = plan();
        let runner = Runner {
            plan: &plan,
            world: &world,
            journal: &journal,
            gate: &Yes(Choice::Continue),
            sink: &Deaf,
            clock: &Instant,
            control: &Control::default(),
            bound: Some(&refuses),
            injection: &Injection::default(),
            by: json!({}),
            start: Start::Resume,
        };
        let ending = runner.run().await;
        let asked = refuses.2.lock().unwrap().clone();
        if step == "nowhere" {
            assert_eq!(ending, Ending::Done);
            let last = asked.last().copied();
            assert_eq!(last, Some("switch"), "nothing binds what comes after it");
            continue;
        }
        let Ending::RolledBack { step: at, error } = &ending else {
            panic!("{step} {moment:?}: {ending:?}");
        };
        assert_eq!(
            (at.as_str(), error.message.as_str()),
            (step, "it takes too long")
        );
        assert!(world.on().is_empty(), "{step} {moment:?}: {:?}", world.on());
    }
}
