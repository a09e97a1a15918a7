//! Sweeps over rollback and cleanup: a failure at every step, before and after its effect, then on.

use connect_swap_engine::{Effect, Injection, OnFailure, Where};
use connect_swap_swap::world::Side;
use connect_swap_swap::{ExitCode, Operator, Report, commands, plans};
use connect_swap_tests::{AppState, Scene, faults, twice};

fn expect(report: &Report, exit: ExitCode, what: &str) {
    let shown = serde_json::to_string_pretty(&report.error).unwrap();
    assert_eq!(report.exit, exit, "{what}: {shown}");
}

fn with(scene: &Scene, injection: &Injection) -> Operator {
    Operator {
        injection: injection.clone(),
        ..scene.operator()
    }
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    let overlaps = scene.sandbox.connect().overlaps();
    assert!(overlaps.is_empty(), "{overlaps:#?}");
}

async fn prepared() -> Scene {
    let scene = Scene::new().await;
    scene.attach_pooler().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    expect(&prep, ExitCode::Ok, "prep");
    scene
}

/// Past the promotion, before any dyno has started.
async fn promote(scene: &Scene) {
    let injection = Injection {
        fail_before: Where::Step("restore-formation".into()),
        ..Injection::default()
    };
    let report = commands::cutover(&with(scene, &injection), &scene.cutover_args()).await;
    expect(
        &report,
        ExitCode::Stuck,
        "cutover, stopped before dynos start",
    );
}

/// Rolls back with a fault at one step; whether it struck.
async fn rollback_with(scene: &Scene, id: &str, injection: &Injection, case: &str) -> bool {
    let events = scene.events.all().len();
    let report = commands::rollback(&with(scene, injection), &scene.target()).await;
    let struck = scene.failed_since(events, id);
    if report.exit == ExitCode::Ok {
        assert!(
            !struck || injection.fail_after != Where::Nowhere,
            "{case}: it went on"
        );
        return struck;
    }
    assert!(struck, "{case}: {:?}", report.error);
    let plan = plans::rollback().unwrap();
    let step = plan.steps().iter().find(|step| step.id() == id).unwrap();
    let exit = match step.on_failure() {
        OnFailure::Forward => ExitCode::Stuck,
        _ => ExitCode::Paused,
    };
    expect(&report, exit, case);
    let error = report.error.as_ref().unwrap();
    assert!(error.message.contains(id), "{case}: {error:?}");
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback_goes_on_after_a_failure_at_every_step() {
    let scene = prepared().await;
    let start = AppState::of(&scene).await;
    promote(&scene).await;
    for id in plans::rollback().unwrap().ids() {
        for (what, injection) in faults(&id) {
            let case = format!("rollback, failed {what} {id}");
            if !rollback_with(&scene, &id, &injection, &case).await {
                // An earlier run has done it, this one came to the end: once more from the top.
                assert_eq!(AppState::of(&scene).await, start, "{case}");
                promote(&scene).await;
                assert!(
                    rollback_with(&scene, &id, &injection, &case).await,
                    "{case}"
                );
            }
            let status = commands::status(&scene.operator(), &scene.target()).await;
            if status.state == "ready" {
                assert_eq!(AppState::of(&scene).await, start, "{case}");
                promote(&scene).await;
            }
        }
    }
    let report = commands::rollback(&with(&scene, &twice()), &scene.target()).await;
    expect(
        &report,
        ExitCode::Ok,
        "rollback after all of it, every step twice",
    );
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    expect(&report, ExitCode::Ok, "another cutover");
    nothing_lost(&scene).await;
}

async fn addons(scene: &Scene) -> usize {
    let heroku = scene.somebody();
    let addons = heroku.platform().addons(&scene.target().app).await;
    addons.unwrap().len()
}

/// Cleans up with a failure at every step. What was destroyed is not destroyed twice.
async fn cleans_up_from_every_step(scene: &Scene, side: Side) {
    let plan = plans::cleanup(side).unwrap();
    for step in plan.steps() {
        let id = step.id();
        for (what, injection) in faults(id) {
            let case = format!("cleanup of the {} pair, failed {what} {id}", side.word());
            let events = scene.events.all().len();
            let report = commands::cleanup(&with(scene, &injection), &scene.target()).await;
            assert!(scene.failed_since(events, id), "{case}: {:?}", report.error);
            expect(&report, ExitCode::Paused, &case);
            let destroyed = 4 - addons(scene).await;
            let before = plan.steps().iter().take_while(|step| step.id() != id);
            let mut expected = before.filter(|s| s.effect() == Effect::Destructive).count();
            if what == "after" && step.effect() == Effect::Destructive {
                expected += 1;
            }
            assert_eq!(destroyed, expected, "{case}");
        }
    }
    let report = commands::report(&scene.operator(), &scene.target()).await;
    assert_eq!(report.state, "closed");
    nothing_lost(scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_of_an_abandoned_pair_goes_on_from_every_step() {
    cleans_up_from_every_step(&prepared().await, Side::New).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_of_the_old_pair_goes_on_from_every_step() {
    let scene = prepared().await;
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    expect(&cutover, ExitCode::Ok, "cutover");
    cleans_up_from_every_step(&scene, Side::Old).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_twice_is_as_good_as_once() {
    let scene = prepared().await;
    let report = commands::cleanup(&with(&scene, &twice()), &scene.target()).await;
    expect(
        &report,
        ExitCode::Ok,
        "cleanup of the new pair, every step twice",
    );
    assert_eq!(addons(&scene).await, 2);
    let scene = prepared().await;
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    expect(&cutover, ExitCode::Ok, "cutover");
    let report = commands::cleanup(&with(&scene, &twice()), &scene.target()).await;
    expect(
        &report,
        ExitCode::Ok,
        "cleanup of the old pair, every step twice",
    );
    assert_eq!(addons(&scene).await, 2);
    nothing_lost(&scene).await;
}
