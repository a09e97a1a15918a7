//! Dynos and connections that do not come to rest, and what was never sent.

use std::time::Duration;

use connect_swap_engine::Interruption;
use connect_swap_sandbox::connect::{ConnectionState, MappingFailure, MappingState};
use connect_swap_sandbox::{Fault, FaultKind};
use connect_swap_swap::{ExitCode, Operator, commands};
use connect_swap_tests::{AppState, AtConsent, Scene, ended, put_forward, says_app_is};

use crate::{cutover, gated, meddled, new_connect, nothing_lost, ready, succeeds, went_back};

#[tokio::test(flavor = "multi_thread")]
async fn dynos_that_do_not_stop_lead_back() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let delays = |stop: u64| {
        let seconds = Duration::from_secs;
        scene
            .sandbox
            .set_dyno_delays(&scene.app, seconds(6), seconds(stop))
            .unwrap();
    };
    delays(3600);
    let report = cutover(&scene, &scene.operator()).await;
    delays(5);
    went_back(
        &scene,
        &report,
        &["wait-dynos", "waited 5m", "heroku ps"],
        &start,
    )
    .await;
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_the_window_is_brought_back() {
    let (scene, old) = ready().await;
    let start = AppState::of(&scene).await;
    let connect = scene.sandbox.connect();
    let broken = old.clone();
    let operator = meddled(&scene, "drain", move || {
        connect
            .set_state(&broken, ConnectionState::SystemError)
            .unwrap();
    });
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::RolledBack, &["SYSTEM_ERROR"]);
    says_app_is(&report, "off");
    // Nobody paused it yet, so nobody may resume it: that it stopped is told, not hidden.
    connect.unpause(&old).unwrap();
    assert_eq!(AppState::of(&scene).await, start);
    succeeds(&scene).await;
}

/// An operator who presses Ctrl-C once Connect was asked to pause this connection.
fn interrupted_at_pause(scene: &Scene, id: &str) -> Operator {
    let operator = scene.operator();
    let (control, sandbox) = (operator.control.clone(), scene.sandbox);
    let path = format!("/api/v3/connections/{id}/actions/pause");
    let asked = move || {
        let requests = sandbox.requests();
        requests
            .iter()
            .filter(|request| request.path == path)
            .count()
    };
    let before = asked();
    tokio::spawn(async move {
        while asked() == before {
            sandbox.clock().sleep(Duration::from_secs(1)).await;
        }
        control.interrupt(Interruption::Ask);
    });
    operator
}

/// Connect accepts a pause before it takes hold. Ctrl-C in between must not leave it to come later.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_is_on_its_way_is_taken_back() {
    let (scene, old) = ready().await;
    let start = AppState::of(&scene).await;
    let connect = scene.sandbox.connect();
    // Longer than it is watched for on the way back.
    connect.change_behaviour(&scene.app, |app| app.pause_takes = Duration::from_secs(240));
    let new = new_connect(&scene, &old).await;
    for (step, addon) in [("pause-old", &old), ("pause-new", &new)] {
        let id = connect.connection_id(addon).unwrap().to_string();
        let sent = scene.mutations().len();
        let report = cutover(&scene, &interrupted_at_pause(&scene, &id)).await;
        let sent = scene.mutations().split_off(sent);
        let pause = format!("POST /api/v3/connections/{id}/actions/pause");
        assert!(sent.contains(&pause), "{step}: {sent:#?}");
        went_back(&scene, &report, &[step], &start).await;
        for addon in [&old, &new] {
            let pausing = connect.is_pausing(addon).unwrap();
            assert!(!pausing, "{step}: {addon} is going to pause");
        }
    }
    nothing_lost(&scene).await;
}

/// A row that nobody sends any more hides among those on their way, as long as the app is busy; one
/// that comes after the checks is seen by none of them. Behind the fence both are told.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_never_reached_salesforce_is_not_left_behind_unseen() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let gate = AtConsent::new("refresh-schema", move || {
        let database = database.clone();
        async move {
            let admin = database.admin().await.unwrap();
            admin
                .batch_execute(
                    "SET session_replication_role = replica;
                     INSERT INTO salesforce.contact (lastname) VALUES ('Nobody sends me')",
                )
                .await
                .unwrap();
        }
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    went_back(
        &scene,
        &report,
        &[
            "recheck-drain",
            "1 row without a Salesforce id, of which 1 not accepted",
            "--ack unsynced-rows",
        ],
        &start,
    )
    .await;
    // Accepted by its code, it may stay behind.
    let mut args = scene.cutover_args();
    args.acks.push("unsynced-rows".into());
    let report = commands::cutover(&scene.operator(), &args).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
}

/// The bound of a pause: the app does not stay down for a connection that does not come to rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_does_not_settle_leads_back() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let connect = scene.sandbox.connect();
    let pause = |takes| {
        let takes = Duration::from_secs(takes);
        connect.change_behaviour(&scene.app, |app| app.pause_takes = takes);
    };
    pause(900);
    let bound = Duration::from_secs(20 * 60);
    let operator = put_forward(scene.operator(), "pause-old", bound);
    let report = cutover(&scene, &operator).await;
    pause(2);
    let words = [
        "rolled back because of pause-old",
        "waited 20m",
        "dashboard",
    ];
    went_back(&scene, &report, &words, &start).await;
    nothing_lost(&scene).await;
}

/// Connect has paused and its answer is lost: the state tells, and the window goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_whose_answer_is_lost_is_known_by_the_state() {
    let (scene, old) = ready().await;
    let id = scene.sandbox.connect().connection_id(&old).unwrap();
    let path = format!("^/api/v3/connections/{id}/actions/pause$");
    let fault = Fault::once("POST", &path, FaultKind::ResetAfter);
    let fault = scene.sandbox.add_fault(fault).unwrap();
    succeeds(&scene).await;
    assert!(!scene.sandbox.remove_fault(fault), "the fault was not met");
}

/// The connection rests, and still its table is not complete: a reload was aborted in the window.
#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_stops_in_the_window_leads_back() {
    let (scene, old) = ready().await;
    let start = AppState::of(&scene).await;
    let connect = scene.sandbox.connect();
    let new = new_connect(&scene, &old).await;
    let failure = MappingFailure {
        state: MappingState::Aborted,
        message: "Aborted by a person".into(),
        after_rows: 0,
    };
    let operator = meddled(&scene, "settle", move || {
        connect.fail_mapping(&new, "Account", failure).unwrap();
    });
    let report = cutover(&scene, &operator).await;
    let words = [
        "settle",
        "Account of the new connection",
        "ABORTED",
        "reload it",
    ];
    went_back(&scene, &report, &words, &start).await;
    nothing_lost(&scene).await;
}

/// Somebody writes by hand when nothing was left to send and the fence does not stand yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_between_the_pause_and_the_fence_leads_back() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let operator = meddled(&scene, "fence", move || {
        let write = async {
            let session = database.connect("somebody").await.unwrap();
            let insert = "INSERT INTO salesforce.contact (lastname) VALUES ('Came late')";
            session.batch_execute(insert).await.unwrap();
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(write));
    });
    let report = cutover(&scene, &operator).await;
    let words = ["recheck-drain", "between the pause and the fence"];
    went_back(&scene, &report, &words, &start).await;
    succeeds(&scene).await;
}
