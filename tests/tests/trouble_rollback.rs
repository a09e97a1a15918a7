//! Going back after the promotion: no write is lost to the new database, and no dyno starts there.

use std::time::Duration;

use connect_swap_engine::{Injection, Where};
use connect_swap_sandbox::{ReleaseOutcome, ReleasePhase};
use connect_swap_swap::{ExitCode, commands};
use connect_swap_tests::{AppState, Scene, ended, says_app_is};
use tokio_postgres::Client;

/// Stuck after the promotion, before a dyno has started.
async fn stuck(scene: &Scene) {
    let mut operator = scene.operator();
    operator.injection = Injection {
        fail_before: Where::Step("restore-formation".into()),
        ..Injection::default()
    };
    let report = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&report, ExitCode::Stuck, &["stuck at restore-formation"]);
}

const WRITE: &str = "INSERT INTO public.customers (email) VALUES (gen_random_uuid()::text)";

async fn prepared(scene: &Scene) -> AppState {
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    AppState::of(scene).await
}

/// A session to what is `DATABASE` now, as a one-off dyno or psql has one.
async fn somebody(scene: &Scene) -> Client {
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    database.connect("psql").await.unwrap()
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    let overlaps = scene.sandbox.connect().overlaps();
    assert!(overlaps.is_empty(), "{overlaps:#?}");
}

fn release_phase(scene: &Scene, seconds: u64, outcome: ReleaseOutcome) {
    let takes = Duration::from_secs(seconds);
    let phase = ReleasePhase { takes, outcome };
    scene.sandbox.set_release_phase(&scene.app, phase).unwrap();
}

/// A release command may take minutes: until it has ended, dynos would start on the new database.
#[tokio::test(flavor = "multi_thread")]
async fn dynos_start_when_the_release_with_the_old_database_is_in_force() {
    let scene = Scene::with(|options| options.release_phase = true).await;
    let start = prepared(&scene).await;
    stuck(&scene).await;
    release_phase(&scene, 300, ReleaseOutcome::Succeeds);
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
}

/// The release command of going back writes to the old database: its fence is lifted before.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_command_that_writes_meets_no_fence() {
    let scene = Scene::with(|options| options.release_phase = true).await;
    let start = prepared(&scene).await;
    stuck(&scene).await;
    release_phase(&scene, 5, ReleaseOutcome::Writes);
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
}

/// A release that fails is told with the way out, no dyno starts, and the same command goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_release_keeps_the_dynos_down_until_it_is_mended() {
    let scene = Scene::with(|options| options.release_phase = true).await;
    let start = prepared(&scene).await;
    stuck(&scene).await;
    release_phase(&scene, 5, ReleaseOutcome::Fails);
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(
        &report,
        ExitCode::Stuck,
        &["stuck at release-phase-back", "heroku releases:retry"],
    );
    says_app_is(&report, "on");
    let heroku = scene.somebody();
    let dynos = heroku.platform().dynos(&scene.target().app).await.unwrap();
    assert!(dynos.is_empty(), "{dynos:#?}");
    release_phase(&scene, 5, ReleaseOutcome::Succeeds);
    for value in [Some("yes".to_owned()), None] {
        let change = [("MENDED".to_owned(), value)].into();
        scene.sandbox.set_config_vars(&scene.app, &change).unwrap();
    }
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
}

/// A one-off dyno in the middle of a transaction on the new database: it hears that it failed.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_committed_before_the_proof_is_refused() {
    let scene = Scene::new().await;
    let start = prepared(&scene).await;
    stuck(&scene).await;
    let dyno = somebody(&scene).await;
    dyno.batch_execute(&format!("BEGIN; {WRITE}"))
        .await
        .unwrap();
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert!(
        dyno.batch_execute("COMMIT").await.is_err(),
        "it was acknowledged"
    );
    assert_eq!(AppState::of(&scene).await, start);
    // The new database is written to again, by its connection.
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
}

/// What was committed on the new database leads forward only, and nothing there stays fenced.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_closes_the_way_back_and_not_the_way_on() {
    let scene = Scene::new().await;
    prepared(&scene).await;
    stuck(&scene).await;
    let dyno = somebody(&scene).await;
    dyno.batch_execute(WRITE).await.unwrap();
    let before = AppState::of(&scene).await;
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Blocked, &["would lose writes"]);
    assert_eq!(AppState::of(&scene).await, before);
    somebody(&scene).await.batch_execute(WRITE).await.unwrap();
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
}
