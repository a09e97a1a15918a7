//! Sweeps over the whole plan: loops, not lists, so that a new step is covered the day it comes.

use connect_swap_engine::{Effect, Injection, Plan, Step, Where};
use connect_swap_swap::world::World;
use connect_swap_swap::{ExitCode, Report, commands, plans};
use connect_swap_tests::{AppState, Scene, faults};

fn expect(report: &Report, exit: ExitCode, what: &str) {
    let shown = serde_json::to_string_pretty(&report.error).unwrap();
    assert_eq!(report.exit, exit, "{what}: {shown}");
}

fn at(step: &str) -> Where {
    Where::Step(step.to_owned())
}

fn before_promotion(plan: &Plan<World>) -> Vec<&dyn Step<World>> {
    let steps = plan.steps().iter().map(AsRef::as_ref);
    steps
        .take_while(|step| step.effect() != Effect::NoReturn)
        .collect()
}

/// A failure before any effect leaves nothing to undo: the run is paused. After one it goes back.
fn ending(plan: &Plan<World>, failed: &str) -> ExitCode {
    let touched = plan
        .steps()
        .iter()
        .take_while(|step| step.id() != failed)
        .chain(plan.steps().iter().filter(|step| step.id() == failed))
        .any(|step| step.effect() != Effect::Read);
    let step = plan
        .steps()
        .iter()
        .find(|step| step.id() == failed)
        .unwrap();
    let unwinds = step.on_failure() == connect_swap_engine::OnFailure::Unwind;
    if touched && unwinds {
        ExitCode::RolledBack
    } else {
        ExitCode::Paused
    }
}

async fn ready(scene: &Scene) {
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    expect(&prep, ExitCode::Ok, "prep");
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    let overlaps = scene.sandbox.connect().overlaps();
    assert!(overlaps.is_empty(), "{overlaps:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_twice_is_as_good_as_once() {
    let scene = Scene::new().await;
    let mut operator = scene.operator();
    operator.injection = Injection {
        twice: Where::Everywhere,
        ..Injection::default()
    };
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    expect(&prep, ExitCode::Ok, "prep, every step twice");
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    expect(&cutover, ExitCode::Ok, "cutover, every step twice");
    nothing_lost(&scene).await;
}

/// Runs prep with a fault at one step; whether the fault struck. It does not where the step is found
/// done: then prep goes on to its end.
async fn prep_with(scene: &Scene, injection: &Injection, injected: &str) -> bool {
    let mut operator = scene.operator();
    operator.injection = injection.clone();
    let report = commands::prep(&operator, &scene.prep_args()).await;
    if report.exit == ExitCode::Ok {
        return false;
    }
    expect(&report, ExitCode::Paused, injected);
    let error = report.error.unwrap();
    assert!(error.message.contains(injected), "{injected}: {error:?}");
    true
}

/// An app whose settings differ from a new connection's and whose load takes a while, so that every
/// step has something to do.
async fn scene_to_prepare() -> Scene {
    let scene = Scene::with(|options| options.large = 20_000).await;
    let connect = scene.old_connect().await;
    scene
        .sandbox
        .connect()
        .set_feature(&connect, "rest_count_only", true)
        .unwrap();
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn prep_goes_on_after_a_failure_at_every_step() {
    let mut scene = scene_to_prepare().await;
    for id in plans::prep().unwrap().ids() {
        for (what, injection) in faults(&id) {
            let injected = format!("injected {what} step {id}");
            // On a busy machine a load may be over before it is waited for.
            let mut tries = 0;
            while !prep_with(&scene, &injection, &injected).await {
                tries += 1;
                assert!(tries < 5, "{injected}");
                nothing_lost(&scene).await;
                scene = scene_to_prepare().await;
            }
        }
    }
    ready(&scene).await;
    nothing_lost(&scene).await;
}

/// Fails at every step of the window up to the promotion, `half` of them in each test so that
/// both processors work.
async fn goes_back_at_every_step(half: usize) {
    let scene = Scene::new().await;
    ready(&scene).await;
    let start = AppState::of(&scene).await;
    let plan = plans::cutover().unwrap();
    let steps = before_promotion(&plan);
    let promote = steps.len();
    let ids = plan.ids();
    for (index, id) in ids.iter().enumerate().take(promote + 1) {
        if index % 2 != half {
            continue;
        }
        for (what, injection) in [
            (
                "before",
                Injection {
                    fail_before: at(id),
                    ..Injection::default()
                },
            ),
            (
                "after, each undo twice",
                Injection {
                    fail_after: at(id),
                    undo_twice: Where::Everywhere,
                    ..Injection::default()
                },
            ),
        ] {
            // Past the promotion the run goes forward: that is another sweep.
            if index == promote && what != "before" {
                continue;
            }
            let mut operator = scene.operator();
            operator.injection = injection;
            let report = commands::cutover(&operator, &scene.cutover_args()).await;
            let case = format!("cutover, failed {what} {id}");
            expect(&report, ending(&plan, id), &case);
            assert!(
                report
                    .error
                    .as_ref()
                    .unwrap()
                    .message
                    .contains(&format!("step {id}")),
                "{case}: {:?}",
                report.error
            );
            assert_eq!(AppState::of(&scene).await, start, "{case}");
        }
    }
    nothing_lost(&scene).await;
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    expect(&cutover, ExitCode::Ok, "cutover after all of it");
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cutover_goes_back_from_every_other_step() {
    goes_back_at_every_step(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cutover_goes_back_from_the_steps_between() {
    goes_back_at_every_step(1).await;
}

/// Ready for cutover, with a release phase to follow and a pool to move: so that every step past the
/// promotion has something to do.
async fn scene_to_promote() -> Scene {
    let scene = Scene::with(|options| options.release_phase = true).await;
    scene.attach_pooler().await;
    ready(&scene).await;
    scene
}

/// Runs cutover with a fault at one step past the promotion; whether the fault struck.
///
/// Then the run is stuck there, or, where the next try finds the effect, goes on to its end.
async fn forward_with(scene: &Scene, id: &str, injection: &Injection, case: &str) -> bool {
    let events = scene.events.all().len();
    let mut operator = scene.operator();
    operator.injection = injection.clone();
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    if !scene.failed_since(events, id) {
        expect(&report, ExitCode::Ok, case);
        return false;
    }
    if report.exit == ExitCode::Ok {
        assert_ne!(injection.fail_after, Where::Nowhere, "{case}: it went on");
        return true;
    }
    expect(&report, ExitCode::Stuck, case);
    let error = report.error.as_ref().unwrap();
    let stuck = format!("stuck at {id}");
    assert!(error.message.contains(&stuck), "{case}: {error:?}");
    assert!(!report.next.is_empty(), "{case}");
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn cutover_goes_forward_after_the_promotion_from_every_step() {
    let mut scene = scene_to_promote().await;
    let plan = plans::cutover().unwrap();
    let promote = before_promotion(&plan).len();
    for id in plan.ids().iter().skip(promote + 1) {
        for (what, injection) in faults(id) {
            let case = format!("cutover, failed {what} {id}");
            if !forward_with(&scene, id, &injection, &case).await {
                // An earlier run has done it, this one went on to the end: begin afresh.
                nothing_lost(&scene).await;
                scene = scene_to_promote().await;
                assert!(forward_with(&scene, id, &injection, &case).await, "{case}");
            }
        }
    }
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    expect(&report, ExitCode::Ok, "cutover, gone forward");
    assert_eq!(report.state, "swapped");
    nothing_lost(&scene).await;
}
