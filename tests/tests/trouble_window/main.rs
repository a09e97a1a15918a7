//! Trouble in the window before the promotion: whatever it is, the app is back on the old pair by
//! itself, exactly as it was, and the next cutover succeeds.

mod at_rest;
mod bounds;
mod drifted;
mod meddling;
mod polls;
mod refused;
mod sessions;

use std::sync::Arc;

use connect_swap_engine::Gate;
use connect_swap_swap::{ExitCode, Operator, Report, commands};
use connect_swap_tests::{AppState, AtStep, Scene, ended, says_app_is};

async fn ready() -> (Scene, String) {
    let scene = Scene::new().await;
    let old = scene.old_connect().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    (scene, old)
}

async fn cutover(scene: &Scene, operator: &Operator) -> Report {
    commands::cutover(operator, &scene.cutover_args()).await
}

fn gated(scene: &Scene, gate: impl Gate + 'static) -> Operator {
    Operator {
        gate: Arc::new(gate),
        ..scene.operator()
    }
}

fn meddled(scene: &Scene, step: &'static str, act: impl FnOnce() + Send + 'static) -> Operator {
    let operator = scene.operator();
    Operator {
        sink: Arc::new(AtStep::new(step, operator.sink.clone(), act)),
        ..operator
    }
}

/// The report says that the run went back and why, and the app is as it was.
async fn went_back(scene: &Scene, report: &Report, words: &[&str], start: &AppState) {
    ended(report, ExitCode::RolledBack, words);
    says_app_is(report, "off");
    assert_eq!(report.state, "ready");
    assert_eq!(AppState::of(scene).await, *start, "{words:?}");
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    let overlaps = scene.sandbox.connect().overlaps();
    assert!(overlaps.is_empty(), "{overlaps:#?}");
}

async fn succeeds(scene: &Scene) {
    let report = cutover(scene, &scene.operator()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "swapped");
    nothing_lost(scene).await;
}

/// The name of the Connect add-on that prep has made.
async fn new_connect(scene: &Scene, old: &str) -> String {
    let heroku = scene.somebody();
    let all = heroku.connect().search(&scene.target().app, None).await;
    let new = all.unwrap().into_iter().find(|c| c.resource_name != *old);
    new.unwrap().resource_name.to_string()
}
