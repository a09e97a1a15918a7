//! Undos that fail, may wait, or must not.

use connect_swap_engine::{
    Choice, Control, Effect, Ending, Injection, MemoryJournal, OnFailure, Plan, Step,
};

use crate::toy::{Toy, World, Yes, at, run, run_plan};

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

#[tokio::test]
async fn an_undo_waits_for_the_one_it_comes_after() {
    use Effect::{Downtime, NoReturn};
    let steps = [
        ("close", Downtime),
        ("rest", Downtime),
        ("copy", Downtime),
        ("switch", NoReturn),
    ];
    let boxed = steps.map(|(name, effect)| {
        Box::new(Toy(name, effect, OnFailure::Unwind)) as Box<dyn Step<World>>
    });
    let plan = Plan::new("toy", boxed.into()).expect("names are distinct");
    let (world, journal) = (World::default(), MemoryJournal::default());
    let (control, gate) = (Control::default(), Yes(Choice::Continue));
    let fails = || Injection {
        fail_before: at("switch"),
        ..Injection::default()
    };
    *world.sticks.lock().unwrap() = Some("copy");
    let ending = run_plan(&plan, &world, &journal, fails(), &control, &gate).await;
    assert!(
        matches!(&ending, Ending::Stuck { step, .. } if step == "copy"),
        "{ending:?}"
    );
    assert_eq!(world.on(), ["copy", "rest"]);
    *world.sticks.lock().unwrap() = None;
    let ending = run_plan(&plan, &world, &journal, fails(), &control, &gate).await;
    assert!(matches!(ending, Ending::RolledBack { .. }), "{ending:?}");
    assert!(world.on().is_empty());
    assert!(world.undone.lock().unwrap().ends_with(&["copy", "rest"]));
}
