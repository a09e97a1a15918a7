//! A world of switches, steps that turn them on, and runs over them.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Answer, Choice, Clock, ConsentRequest, Control, Description, Effect, Ending, Entry, ErrorKind,
    Event, Gate, Injection, Journal, MemoryJournal, NewRecord, Observation, OnFailure, Plan,
    Record, Runner, Scope, Sink, Start, Step, StepError, Wait, Where,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A world in which each step is on or off.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) on: Mutex<BTreeSet<&'static str>>,
    /// The steps that were undone, in order.
    pub(crate) undone: Mutex<Vec<&'static str>>,
    /// The step whose undo fails.
    pub(crate) sticks: Mutex<Option<&'static str>>,
    /// The step that sees, after consent, that the world has changed.
    pub(crate) changed: Mutex<Option<&'static str>>,
    /// Whether `copy` was told that it had been begun before.
    pub(crate) begun: Mutex<Vec<bool>>,
    /// The step that waits in vain, and how often it has begun to.
    pub(crate) waits: Mutex<Option<(&'static str, u32)>>,
    /// The step that loses its session, and how often it still does.
    pub(crate) loses: Mutex<Option<(&'static str, u32)>>,
}

impl World {
    pub(crate) fn on(&self) -> Vec<&'static str> {
        self.on
            .lock()
            .expect("no test panics with it")
            .iter()
            .copied()
            .collect()
    }
}

pub(crate) struct Toy(
    pub(crate) &'static str,
    pub(crate) Effect,
    pub(crate) OnFailure,
);

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
        let loses = {
            let mut loses = scope.world.loses.lock().expect("no test panics with it");
            let mut mine = loses
                .as_mut()
                .filter(|(step, left)| *step == self.0 && *left > 0);
            mine.as_mut().map(|(_, left)| *left -= 1).is_some()
        };
        if loses {
            return Err(StepError::new(ErrorKind::Lost, "the session is gone"));
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
        ["copy", "rest"].contains(&self.0)
    }

    fn undo_after(&self) -> Option<&'static str> {
        (self.0 == "rest").then_some("copy")
    }

    fn closes_window(&self) -> bool {
        self.0 == "open"
    }

    fn by_hand(&self, _scope: &Scope<'_, World>) -> Vec<String> {
        vec![format!("do {} by hand", self.0)]
    }
}

pub(crate) fn plan() -> Plan<World> {
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
pub(crate) struct Instant;

#[async_trait]
impl Clock for Instant {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    async fn sleep(&self, _duration: Duration) {}
}

pub(crate) struct Deaf;

impl Sink for Deaf {
    fn emit(&self, _event: Event) {}
}

pub(crate) struct Yes(pub(crate) Choice);

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

pub(crate) async fn run(world: &World, journal: &MemoryJournal, injection: Injection) -> Ending {
    run_with(
        world,
        journal,
        injection,
        &Control::default(),
        Choice::Continue,
    )
    .await
}

pub(crate) async fn run_with(
    world: &World,
    journal: &MemoryJournal,
    injection: Injection,
    control: &Control,
    choice: Choice,
) -> Ending {
    run_past(world, journal, injection, control, &Yes(choice)).await
}

pub(crate) async fn run_past(
    world: &World,
    journal: &MemoryJournal,
    injection: Injection,
    control: &Control,
    gate: &dyn Gate,
) -> Ending {
    run_plan(&plan(), world, journal, injection, control, gate).await
}

pub(crate) async fn run_plan(
    plan: &Plan<World>,
    world: &World,
    journal: &MemoryJournal,
    injection: Injection,
    control: &Control,
    gate: &dyn Gate,
) -> Ending {
    let runner = Runner {
        gate,
        ..runner(plan, world, journal, control, &injection)
    };
    runner.run().await
}

pub(crate) fn at(step: &str) -> Where {
    Where::Step(step.to_owned())
}

pub(crate) fn record(entry: Entry) -> Record {
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

/// A runner that is told yes, tells nobody, and is bound by nothing.
pub(crate) fn runner<'a>(
    plan: &'a Plan<World>,
    world: &'a World,
    journal: &'a dyn Journal,
    control: &'a Control,
    injection: &'a Injection,
) -> Runner<'a, World> {
    Runner {
        plan,
        world,
        journal,
        gate: &Yes(Choice::Continue),
        sink: &Deaf,
        clock: &Instant,
        control,
        bound: None,
        injection,
        by: json!({}),
        start: Start::Resume,
    }
}
