//! An incident at Heroku that lasts for minutes: reads fail again and again, and the run goes on when it
//! is over, without a person.

use std::sync::Arc;

use connect_swap_sandbox::{Fault, FaultKind};
use connect_swap_swap::{ExitCode, Operator, commands};
use connect_swap_tests::{AtStep, Scene, ended};
use serde_json::json;

/// So often a read fails: far more often than for a moment.
const FAILURES: u32 = 12;

/// From the step of this id on, reads at `path` fail.
fn incident_at(scene: &Scene, step: &'static str, path: &'static str) -> (Operator, Arc<AtStep>) {
    let operator = scene.operator();
    let sandbox = scene.sandbox;
    let at_step = Arc::new(AtStep::new(step, operator.sink.clone(), move || {
        let kind = FaultKind::ErrorBefore {
            status: 503,
            body: json!({ "id": "service_unavailable", "message": "Try again." }),
        };
        let fault = Fault::once("GET", path, kind).times(FAILURES);
        sandbox.add_fault(fault).unwrap();
    }));
    let operator = Operator {
        sink: at_step.clone(),
        ..operator
    };
    (operator, at_step)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_of_minutes_is_waited_out_in_prep_and_in_the_window() {
    let scene = Scene::new().await;
    let over = |at_step: &AtStep| {
        let left = scene.sandbox.faults();
        assert!(at_step.is_done() && left.is_empty(), "{left:#?}");
    };

    let (operator, at_step) = incident_at(&scene, "wait-load", "^/api/v3/connections/");
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    over(&at_step);

    let (operator, at_step) = incident_at(&scene, "wait-dynos", "^/apps/[^/]+/dynos");
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    over(&at_step);
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0 && audit.is_clean(), "{audit:#?}");
}
