//! A bound of the whole run.

use std::sync::Mutex;

use async_trait::async_trait;
use connect_swap_engine::{
    Bound, Control, Ending, Injection, MemoryJournal, Moment, Runner, Scope, StepError,
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
