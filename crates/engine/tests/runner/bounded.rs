//! A bound of the whole run.

use std::sync::Mutex;

use async_trait::async_trait;
use connect_swap_engine::{
    Answer, Bound, Choice, ConsentRequest, Control, Ending, Entry, Gate, Injection, Interruption,
    Journal, MemoryJournal, Moment, Runner, Scope, StepError,
};

use crate::toy::{World, plan, runner};

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
        let (plan, control, injection) = (plan(), Control::default(), Injection::default());
        let runner = Runner {
            bound: Some(&refuses),
            ..runner(&plan, &world, &journal, &control, &injection)
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

/// Holds for some looks at one step, then refuses.
struct Holds(&'static str, Mutex<u32>);

#[async_trait]
impl Bound<World> for Holds {
    async fn check(&self, scope: &Scope<'_, World>, _moment: Moment) -> Result<(), StepError> {
        let mut left = self.1.lock().expect("no test panics with it");
        if scope.step() != self.0 {
            return Ok(());
        }
        *left = left.saturating_sub(1);
        match *left {
            0 => Err(StepError::failed("it takes too long")),
            _ => Ok(()),
        }
    }
}

/// Leaves the question of the switch unanswered, or presses Ctrl-C there and leaves the menu so.
struct Absent<'a>(Option<&'a Control>);

#[async_trait]
impl Gate for Absent<'_> {
    fn missing(&self, _requests: &[ConsentRequest]) -> Vec<String> {
        Vec::new()
    }

    async fn ask(&self, request: &ConsentRequest) -> Answer {
        match self.0 {
            _ if request.step != "switch" => Answer::Given {
                how: "test".to_owned(),
            },
            Some(control) => {
                control.interrupt(Interruption::Ask);
                Answer::Interrupted
            }
            None => std::future::pending().await,
        }
    }

    async fn interrupted(&self, _step: &str, _can_roll_back: bool) -> Choice {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_question_that_nobody_answers_ends_with_the_bound_of_the_run() {
    for at_menu in [false, true] {
        let (world, journal) = (World::default(), MemoryJournal::default());
        let (plan, control, injection) = (plan(), Control::default(), Injection::default());
        let holds = Holds("switch", Mutex::new(100));
        let absent = Absent(at_menu.then_some(&control));
        let runner = Runner {
            bound: Some(&holds),
            gate: &absent,
            ..runner(&plan, &world, &journal, &control, &injection)
        };
        let ending = runner.run().await;
        let Ending::RolledBack { step, error } = &ending else {
            panic!("at the menu: {at_menu}: {ending:?}");
        };
        assert_eq!(
            (step.as_str(), error.message.as_str()),
            ("switch", "it takes too long")
        );
        assert!(world.on().is_empty(), "{:?}", world.on());
        let records = journal.records().await.unwrap();
        let withdrawn = records.iter().any(|record| {
            matches!(&record.record.entry, Entry::Consent { answer: Answer::Declined { why }, .. }
                if why == "not answered in time: it takes too long")
        });
        assert_eq!(withdrawn, !at_menu, "the journal tells what became of it");
    }
}
