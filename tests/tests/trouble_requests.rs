//! Bad answers to every request that changes something, whether the thing was done or not: the swap
//! comes to its end all the same, and nothing is made twice.
//!
//! Some of these paths do not name the app, so the tests of this file run one after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use connect_swap_sandbox::{Fault, FaultKind};
use connect_swap_swap::{ExitCode, Operator, Report, commands};
use connect_swap_tests::{AppState, Scene, ended, says_app_is, told};
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

static ALONE: Mutex<()> = Mutex::const_new(());

async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// Every request of prep that changes something at Heroku.
const PREP: [(&str, &str, u32); 6] = [
    ("POST", "^/apps/[^/]+/addons$", 0),
    ("POST", "^/apps/[^/]+/addons$", 1),
    ("POST", "^/auth/", 0),
    ("PATCH", "^/api/v3/connections/[^/]+$", 0),
    ("POST", "/authorize_url$", 0),
    ("POST", "/actions/import$", 0),
];

/// Every one of cutover.
const CUTOVER: [(&str, &str, u32); 7] = [
    ("PATCH", "^/apps/[^/]+$", 0),
    ("PATCH", "^/apps/[^/]+/formation$", 0),
    ("POST", "/actions/pause$", 0),
    ("POST", "/actions/pause$", 1),
    ("POST", "^/addon-attachments$", 0),
    ("PATCH", "^/api/v3/connections/[^/]+$", 0),
    ("PATCH", "^/api/v3/connections/[^/]+$", 1),
];

fn error(status: u16) -> serde_json::Value {
    json!({ "id": "trouble", "message": format!("Trouble {status} at Heroku.") })
}

/// Runs a command until it has come to its end; a pause or a way back on the way is no harm.
async fn to_the_end<F>(what: &str, run: impl Fn() -> F) -> u32
where
    F: Future<Output = Report>,
{
    let mut before = String::new();
    for number in 1..=12 {
        let report = run().await;
        if report.exit == ExitCode::Ok {
            return number;
        }
        assert!(
            matches!(
                report.exit,
                ExitCode::Paused | ExitCode::RolledBack | ExitCode::Stuck
            ),
            "{what}: {:?} {}\nbefore:{before}",
            report.exit,
            told(&report)
        );
        before = format!("{before}\n{:?} {}", report.exit, told(&report));
        ended(&report, report.exit, &[]);
    }
    panic!("{what} does not come to its end: {before}");
}

/// Each of the requests is hit once, when its first harmless brothers have passed.
fn hit(scene: &Scene, requests: &[(&str, &str, u32)], kind: &FaultKind) {
    for (method, path, skip) in requests {
        let fault = Fault::once(method, path, kind.clone()).after(*skip);
        scene.sandbox.add_fault(fault).unwrap();
    }
}

async fn made_once(scene: &Scene, what: &str) {
    let heroku = scene.somebody();
    let app = scene.target().app;
    let addons = heroku.platform().addons(&app).await.unwrap();
    assert_eq!(addons.len(), 4, "{what}: {addons:#?}");
    let attachments = heroku.platform().attachments(&app).await.unwrap();
    let mut of: BTreeMap<_, usize> = BTreeMap::new();
    for attachment in &attachments {
        *of.entry(attachment.addon.name.to_string()).or_default() += 1;
    }
    // Both databases have a name of their own besides DATABASE, or the name they were made with.
    let mut numbers: Vec<_> = of.into_values().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 1, 1, 2], "{what}: {attachments:#?}");
}

async fn swaps_in_spite_of(kind: FaultKind, operator: impl Fn(&Scene) -> Operator) {
    let _alone = alone().await;
    let scene = Scene::new().await;
    let what = format!("{kind:?}");
    let operator = operator(&scene);
    hit(&scene, &PREP, &kind);
    let args = scene.prep_args();
    to_the_end(&what, || commands::prep(&operator, &args)).await;
    assert!(
        scene.sandbox.faults().is_empty(),
        "{:#?}",
        scene.sandbox.faults()
    );
    made_once(&scene, &what).await;
    hit(&scene, &CUTOVER, &kind);
    let args = scene.cutover_args();
    to_the_end(&what, || commands::cutover(&operator, &args)).await;
    let left = scene.sandbox.faults();
    for fault in &left {
        scene.sandbox.remove_fault(fault.id);
    }
    assert!(left.is_empty(), "{left:#?}");
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(
        audit.acknowledged > 0 && audit.is_clean(),
        "{what}: {audit:#?}"
    );
    let overlaps = scene.sandbox.connect().overlaps();
    assert!(overlaps.is_empty(), "{what}: {overlaps:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_before_the_effect() {
    let kind = FaultKind::ErrorBefore {
        status: 500,
        body: error(500),
    };
    swaps_in_spite_of(kind, Scene::operator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_the_effect() {
    let kind = FaultKind::ErrorAfter {
        status: 503,
        body: error(503),
    };
    swaps_in_spite_of(kind, Scene::operator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_after_the_effect() {
    swaps_in_spite_of(FaultKind::ResetAfter, Scene::operator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_short() {
    swaps_in_spite_of(FaultKind::TruncatedBody, Scene::operator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_json() {
    swaps_in_spite_of(FaultKind::MalformedJson, Scene::operator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_limit_that_is_used_up() {
    swaps_in_spite_of(FaultKind::RateLimited, Scene::operator).await;
}

/// As if Heroku were never to answer; the client's patience is three seconds here, which whatever
/// does answer keeps to on a busy machine, too.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes() {
    let impatient = |scene: &Scene| {
        let operator = scene.operator();
        Operator {
            heroku: operator.heroku.with_timeout(Duration::from_secs(3)),
            ..operator
        }
    };
    swaps_in_spite_of(FaultKind::HangAfter, impatient).await;
}

/// A refusal of the promotion itself goes back: nothing was promoted.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_asked_for_at_the_promotion() {
    let _alone = alone().await;
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let start = AppState::of(&scene).await;
    let message = "A second authentication factor or pre-authorization is required.";
    let kind = FaultKind::ErrorBefore {
        status: 403,
        body: json!({ "id": "two_factor", "message": message }),
    };
    let fault = Fault::once("POST", "^/addon-attachments$", kind);
    scene.sandbox.add_fault(fault).unwrap();
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(
        &report,
        ExitCode::RolledBack,
        &["promote", message, "heroku apps:info", "request id"],
    );
    says_app_is(&report, "off");
    assert_eq!(AppState::of(&scene).await, start);
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
}
