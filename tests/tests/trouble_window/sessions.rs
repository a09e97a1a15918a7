//! Sessions that are lost in the window's last round are opened again, within the same run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_swap_engine::Event;
use connect_swap_sandbox::connect::ConnectionState;
use connect_swap_sandbox::servers::Database;
use connect_swap_swap::{ExitCode, Operator};
use connect_swap_tests::databases::limit_connections;
use connect_swap_tests::{AppState, AtStep, Scene, ended, says_app_is};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::{cutover, meddled, new_connect, nothing_lost, ready, succeeds};

/// Longer than any of these waits takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_in_the_last_round_is_opened_again() {
    let (scene, _) = ready().await;
    let old = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let holder = old.admin().await.unwrap();
    let ending = Arc::new(Mutex::new(None));
    let locks = {
        let ending = Arc::clone(&ending);
        async move {
            let lock = "BEGIN; LOCK TABLE connect_swap.capture IN ACCESS EXCLUSIVE MODE";
            holder.batch_execute(lock).await.unwrap();
            let task = tokio::spawn(async move { end_who_waits(&holder).await });
            *ending.lock().unwrap() = Some(task);
        }
    };
    let operator = meddled(&scene, "last-round", || now(locks));
    let report = cutover(&scene, &operator).await;
    let task = ending
        .lock()
        .unwrap()
        .take()
        .expect("the round was reached");
    task.await.expect("a session was waiting and was ended");
    ended(&report, ExitCode::Ok, &[]);
    assert!(
        told(&scene, "last-round begins anew"),
        "the operator is told"
    );
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_free_connections_for_a_moment_are_waited_for_in_the_last_round() {
    let (scene, _) = ready().await;
    let new = scene.sandbox.database(&scene.app, "NEW_DATABASE").unwrap();
    let crowded = new.clone();
    let operator = meddled(&scene, "last-round", move || now(limit(&crowded, 0)));
    let emptied = move || now(limit(&new, -1));
    let operator = Operator {
        sink: Arc::new(AtStep::told(
            "too many connections",
            operator.sink.clone(),
            emptied,
        )),
        ..operator
    };
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::Ok, &[]);
    assert!(told(&scene, "too many connections"), "the operator is told");
    nothing_lost(&scene).await;
}

/// A new password ends every session with the old one; config vars hold the new one.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_rotated_in_the_window_are_read_again() {
    let (scene, _) = ready().await;
    let sandbox = scene.sandbox;
    let mut operator = scene.operator();
    let mut before = Vec::new();
    for (step, attachment) in [
        ("last-round", "DATABASE"),
        ("carry-window-schema", "NEW_DATABASE"),
    ] {
        before.push(sandbox.database(&scene.app, attachment).unwrap());
        let addon = addon_of(&scene, attachment).await;
        let rotate = async move { sandbox.rotate_credentials(&addon).await.unwrap() };
        operator = Operator {
            sink: Arc::new(AtStep::new(step, operator.sink.clone(), || now(rotate))),
            ..operator
        };
    }
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
    for database in before {
        let refused = database.connect("test").await.is_err();
        assert!(refused, "the password of before still holds");
    }
}

async fn addon_of(scene: &Scene, attachment: &str) -> String {
    let somebody = scene.somebody();
    let all = somebody.platform().attachments(&scene.target().app).await;
    let mut all = all.unwrap().into_iter();
    let found = all.find(|one| one.name == *attachment).unwrap();
    found.addon.name.to_string()
}

/// What is lost with the new database must not keep the app down.
#[tokio::test(flavor = "multi_thread")]
async fn the_app_is_up_again_where_the_new_database_does_not_answer_any_more() {
    let (scene, old) = ready().await;
    let start = AppState::of(&scene).await;
    let new = scene.sandbox.database(&scene.app, "NEW_DATABASE").unwrap();
    let crowded = new.clone();
    let operator = meddled(&scene, "compare-rows", move || now(limit(&crowded, 0)));
    let report = cutover(&scene, &operator).await;
    ended(
        &report,
        ExitCode::Stuck,
        &["carry-window-schema", "too many connections"],
    );
    says_app_is(&report, "off");
    // Its writes would fire triggers that are still there.
    let new_connection = new_connect(&scene, &old).await;
    let state = scene.sandbox.connect().state(&new_connection).unwrap();
    assert_eq!(state, ConnectionState::Paused);
    limit(&new, -1).await;
    let report = cutover(&scene, &scene.operator()).await;
    ended(&report, ExitCode::RolledBack, &[]);
    assert_eq!(AppState::of(&scene).await, start);
    succeeds(&scene).await;
}

/// Has its effect before the step begins.
fn now(deed: impl Future<Output = ()>) {
    block_in_place(|| Handle::current().block_on(deed));
}

/// Ends the session that waits for the lock of `holder`, and gives the lock back.
async fn end_who_waits(holder: &tokio_postgres::Client) {
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)) AND application_name LIKE 'connect-swap%'";
    let waiting = async {
        while holder.query_one(end, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ended = tokio::time::timeout(PATIENCE, waiting).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    ended.expect("somebody waits for the lock");
}

async fn limit(database: &Database, connections: i32) {
    let admin = database.admin().await.unwrap();
    let limit = limit_connections(database, connections);
    admin.batch_execute(&limit).await.unwrap();
}

fn told(scene: &Scene, words: &str) -> bool {
    let is_it = |event: &Event| matches!(event, Event::Notice { text, .. } if text.contains(words));
    scene.events.all().iter().any(is_it)
}
