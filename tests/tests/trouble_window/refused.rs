//! What is declined or refused in the window is undone.

use std::sync::Arc;

use connect_swap_engine::Interruption;
use connect_swap_sandbox::{Fault, FaultKind};
use connect_swap_swap::{ExitCode, Operator, commands};
use connect_swap_tests::{AppState, AtStep, Script, ScriptedGate, ended, says_app_is};
use serde_json::json;

use crate::{cutover, meddled, nothing_lost, ready, succeeds, went_back};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_declines_is_not_done() {
    let (scene, old) = ready().await;
    let start = AppState::of(&scene).await;
    let sent = scene.mutations();
    let silent = scene.operator_with(ScriptedGate::new(Script::NoTerminal));
    let report = cutover(&scene, &silent).await;
    ended(&report, ExitCode::NoConsent, &["no terminal", "--yes"]);
    let decline = |step: &str| {
        scene.operator_with(ScriptedGate::new(Script::DeclineSteps(vec![step.into()])))
    };
    let report = cutover(&scene, &decline("maintenance-on")).await;
    ended(
        &report,
        ExitCode::NoConsent,
        &["maintenance-on", "declined by the script"],
    );
    says_app_is(&report, "off");
    assert_eq!(scene.mutations(), sent);
    assert_eq!(AppState::of(&scene).await, start);
    let report = cutover(&scene, &decline("promote")).await;
    went_back(
        &scene,
        &report,
        &["promote", "declined by the script"],
        &start,
    )
    .await;
    let interrupted = scene.operator();
    let control = interrupted.control.clone();
    let interrupted = Operator {
        sink: Arc::new(AtStep::new(
            "last-round",
            interrupted.sink.clone(),
            move || {
                control.interrupt(Interruption::Ask);
            },
        )),
        ..interrupted
    };
    let report = cutover(&scene, &interrupted).await;
    went_back(&scene, &report, &["last-round"], &start).await;
    // Not an obstacle at all: Connect refuses to pause while it is at work.
    scene.sandbox.connect().refuse_pauses(&old, 4).unwrap();
    succeeds(&scene).await;
    let rollback = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(
        &rollback,
        ExitCode::Blocked,
        &["would lose its writes", "cleanup"],
    );
    says_app_is(&rollback, "off");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_heroku_refuses_in_the_window_is_undone() {
    let (scene, old) = ready().await;
    let start = AppState::of(&scene).await;
    let app = &scene.app;
    let id = scene.sandbox.connect().connection_id(&old).unwrap();
    let cases = [
        (
            "PATCH",
            format!("^/apps/{app}/formation$"),
            422,
            "invalid_params",
            "Cannot scale this app now.",
            "scale-down",
        ),
        (
            "POST",
            format!("^/api/v3/connections/{id}/actions/pause$"),
            403,
            "forbidden",
            "You may not pause this connection.",
            "pause-old",
        ),
    ];
    for (method, path, status, id, message, step) in cases {
        let kind = FaultKind::ErrorBefore {
            status,
            body: json!({ "id": id, "message": message }),
        };
        let fault = Fault::once(method, &path, kind);
        let fault = scene.sandbox.add_fault(fault).unwrap();
        let report = cutover(&scene, &scene.operator()).await;
        went_back(&scene, &report, &[step, message, "request id"], &start).await;
        assert!(
            !scene.sandbox.remove_fault(fault),
            "{step}: the fault was not met"
        );
    }
    succeeds(&scene).await;
}

/// Without a token nothing can be undone: the run says so and waits, the way back stays open.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_in_the_window_leaves_both_ways_open() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    for (number, back) in [true, false].into_iter().enumerate() {
        let token = format!("token-{number}-of-{}", scene.app);
        scene.sandbox.add_token(token.clone().into());
        let sandbox = scene.sandbox;
        let revoked = token.clone();
        let mut operator = meddled(&scene, "settle", move || sandbox.revoke_token(&revoked));
        operator.heroku = scene.heroku_with(&token);
        let report = cutover(&scene, &operator).await;
        ended(&report, ExitCode::Paused, &["heroku login", "same command"]);
        let status = commands::status(&scene.operator(), &scene.target()).await;
        assert_eq!(status.state, "cutting-over");
        if back {
            let report = commands::rollback(&scene.operator(), &scene.target()).await;
            ended(&report, ExitCode::Ok, &[]);
            assert_eq!(AppState::of(&scene).await, start);
            nothing_lost(&scene).await;
        } else {
            succeeds(&scene).await;
        }
    }
}
