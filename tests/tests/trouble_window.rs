//! Trouble in the window before the promotion: whatever it is, the app is back on the old pair by
//! itself, exactly as it was, and the next cutover succeeds.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{Clock, Event, Gate, Interruption, Level};
use connect_swap_heroku::AttachmentName;
use connect_swap_heroku::platform::NewAddon;
use connect_swap_sandbox::connect::ConnectionState;
use connect_swap_sandbox::{Fault, FaultKind};
use connect_swap_swap::downtime::Phase;
use connect_swap_swap::{CutoverArgs, ExitCode, Operator, Report, commands};
use connect_swap_tests::{
    AppState, AtConsent, AtStep, Scene, Script, ScriptedGate, ended, says_app_is,
};
use jiff::Timestamp;
use serde_json::json;

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

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_does_in_the_window_is_noticed_before_the_promotion() {
    let (scene, old) = ready().await;
    let app = scene.target().app;
    let third = NewAddon {
        name: format!("postgresql-third-{app}").try_into().unwrap(),
        plan: "heroku-postgresql:standard-0".into(),
        attachment: None,
        config: std::collections::BTreeMap::new(),
    };
    let somebody = scene.somebody();
    somebody
        .platform()
        .create_addon(&app, &third)
        .await
        .unwrap();
    let mut looks = 0;
    while somebody
        .platform()
        .addon(&app, &third.name)
        .await
        .unwrap()
        .is_none_or(|addon| addon.state != connect_swap_heroku::platform::AddonState::Provisioned)
    {
        looks += 1;
        assert!(looks < 1000, "the third database is not made");
        let moment = Duration::from_secs(3);
        scene.sandbox.clock().sleep(moment).await;
    }
    let start = AppState::of(&scene).await;

    let connect = scene.sandbox.connect();
    let resumed = old.clone();
    let gate = AtConsent::new("promote", move || {
        connect.unpause(&resumed).unwrap();
        async {}
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    went_back(
        &scene,
        &report,
        &["promote", "old connection", "resumed it"],
        &start,
    )
    .await;

    let (heroku, name) = (scene.somebody(), app.clone());
    let gate = AtConsent::new("promote", move || {
        let (heroku, name) = (heroku.clone(), name.clone());
        async move {
            let platform = heroku.platform();
            platform.set_maintenance(&name, false).await.unwrap();
        }
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    went_back(&scene, &report, &["turned maintenance mode off"], &start).await;

    let (sandbox, name) = (scene.sandbox, scene.app.clone());
    let gate = AtConsent::new("promote", move || {
        sandbox.scale(&name, "worker", 1).unwrap();
        async {}
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    went_back(&scene, &report, &["somebody started dyno worker.1"], &start).await;

    let (heroku, name, addon) = (scene.somebody(), app.clone(), third.name.clone());
    let gate = AtConsent::new("promote", move || {
        let (heroku, name, addon) = (heroku.clone(), name.clone(), addon.clone());
        async move {
            let database = AttachmentName::try_from("DATABASE").unwrap();
            let platform = heroku.platform();
            platform
                .attach(&name, &addon, Some(&database), None, true)
                .await
                .unwrap();
        }
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    // Whoever did that had a reason: a person decides, and then the way back goes on.
    ended(
        &report,
        ExitCode::Stuck,
        &[
            "promoted a third database",
            "--as DATABASE",
            "connect:swap:rollback",
        ],
    );
    says_app_is(&report, "on");
    let holder = async || {
        let attachments = scene.somebody().platform().attachments(&app).await.unwrap();
        let mut attachments = attachments.into_iter();
        attachments
            .find(|attachment| attachment.name == *"DATABASE")
            .unwrap()
            .addon
            .name
    };
    assert_eq!(holder().await, third.name);
    let platform = somebody.platform();
    let addons = platform.addons(&app).await.unwrap();
    let old_database = addons.iter().find(|addon| {
        addon.service.name == "heroku-postgresql"
            && addon.name != third.name
            && !addon.name.as_str().contains("-swap-")
    });
    let database = AttachmentName::try_from("DATABASE").unwrap();
    platform
        .attach(
            &app,
            &old_database.unwrap().name,
            Some(&database),
            None,
            true,
        )
        .await
        .unwrap();
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
    succeeds(&scene).await;
}

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

/// The prompt of the window waits for hours: what is done to the app meanwhile must not be taken back.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_at_the_prompt_of_the_window_is_not_undone() {
    let (scene, _) = ready().await;
    let sent = scene.mutations();
    let (sandbox, name) = (scene.sandbox, scene.app.clone());
    let gate = AtConsent::new("maintenance-on", move || {
        sandbox.scale(&name, "worker", 3).unwrap();
        async {}
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    ended(
        &report,
        ExitCode::Drifted,
        &["the formation was changed", "run the same command again"],
    );
    says_app_is(&report, "off");
    assert_eq!(report.state, "ready");

    let (heroku, app) = (scene.somebody(), scene.target().app);
    let gate = AtConsent::new("maintenance-on", move || {
        let (heroku, app) = (heroku.clone(), app.clone());
        async move {
            let platform = heroku.platform();
            platform.set_maintenance(&app, true).await.unwrap();
        }
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    ended(
        &report,
        ExitCode::Drifted,
        &["maintenance mode was switched"],
    );
    says_app_is(&report, "on");
    assert_eq!(scene.mutations(), sent, "this tool changed nothing");
    // A window that is opened in maintenance ends in it, on either way.
    let start = AppState::of(&scene).await;
    let decline = ScriptedGate::new(Script::DeclineSteps(vec!["promote".into()]));
    let report = cutover(&scene, &scene.operator_with(decline)).await;
    ended(&report, ExitCode::RolledBack, &["promote"]);
    assert_eq!(AppState::of(&scene).await, start);
    let app = scene.target().app;
    let somebody = scene.somebody();
    let platform = somebody.platform();
    platform.set_maintenance(&app, false).await.unwrap();
    succeeds(&scene).await;
}

/// An operator at whose promotion it is looked how many contacts of this name each database has, and
/// before whose window the app has written one.
fn with_a_last_signup(scene: &Scene, found: &Arc<Mutex<Vec<i64>>>) -> Operator {
    let old = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let operator = meddled(scene, "record-state", {
        let old = old.clone();
        move || {
            tokio::spawn(async move {
                let app = old.admin().await.unwrap();
                let signup = "INSERT INTO salesforce.contact (lastname) VALUES ('Signed up last')";
                app.batch_execute(signup).await.unwrap();
            });
        }
    });
    let (found, sandbox, app) = (Arc::clone(found), scene.sandbox, scene.app.clone());
    let gate = AtConsent::new("promote", move || {
        let (found, old, app) = (Arc::clone(&found), old.clone(), app.clone());
        async move {
            let new = sandbox.database(&app, "NEW_DATABASE").unwrap();
            for database in [old, new] {
                let query =
                    "SELECT count(*) FROM salesforce.contact WHERE lastname = 'Signed up last'";
                let admin = database.admin().await.unwrap();
                let count = admin.query_one(query, &[]).await.unwrap().get(0);
                found.lock().unwrap().push(count);
            }
        }
    });
    Operator {
        gate: Arc::new(gate),
        ..operator
    }
}

/// The clock of a machine that is an hour ahead of Connect's.
struct HourAhead(Arc<dyn Clock>);

#[async_trait]
impl Clock for HourAhead {
    fn now(&self) -> Timestamp {
        self.0.now() + Duration::from_secs(3600)
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

/// Changes come by the polls that are due, as for objects without push topics.
fn nothing_is_streamed(scene: &Scene) {
    let connect = scene.sandbox.connect();
    connect.change_behaviour(&scene.app, |app| {
        app.streaming_delay = Duration::from_secs(600);
    });
}

fn warnings(scene: &Scene) -> Vec<String> {
    let events = scene.events.all().into_iter();
    events
        .filter_map(|event| match event {
            Event::Notice {
                level: Level::Warning,
                text,
            } => Some(text),
            _ => None,
        })
        .collect()
}

/// Users who are let in must find what they entered a minute before, else they enter it again.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_wrote_last_is_in_the_new_database_before_the_promotion() {
    let (scene, _) = ready().await;
    nothing_is_streamed(&scene);
    let found = Arc::default();
    let operator = with_a_last_signup(&scene, &found);
    let operator = Operator {
        clock: Arc::new(HourAhead(operator.clock)),
        ..operator
    };
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(*found.lock().unwrap(), [1, 1]);
    let told = warnings(&scene);
    for words in ["has not polled", "no poll of the new connection"] {
        assert!(!told.iter().any(|text| text.contains(words)), "{told:#?}");
    }
    nothing_lost(&scene).await;
}

/// Where the operator's bound leaves no time for a poll the window goes on, and what that means is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_does_not_come_in_time_is_told_with_what_users_may_see() {
    let (scene, _) = ready().await;
    nothing_is_streamed(&scene);
    let args = CutoverArgs {
        max_downtime: Some(Duration::from_secs(420)),
        ..scene.cutover_args()
    };
    let operator = with_a_last_signup(&scene, &Arc::default());
    let report = commands::cutover(&operator, &args).await;
    ended(&report, ExitCode::Ok, &[]);
    let told = warnings(&scene);
    // Which mappings are polled in the time that is left is chance.
    for words in ["has not polled", "2m 00s after the window"] {
        assert!(told.iter().any(|text| text.contains(words)), "{told:#?}");
    }
    nothing_lost(&scene).await;
}

/// The operator has left the terminal: the question of the promotion does not keep the app down.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_is_withdrawn_when_the_bound_is_reached() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let absent = AtConsent::new("promote", std::future::pending);
    let args = CutoverArgs {
        max_downtime: Some(Duration::from_secs(1500)),
        ..scene.cutover_args()
    };
    let report = commands::cutover(&gated(&scene, absent), &args).await;
    let words = [
        "rolled back because of promote",
        "--max-downtime 25m 00s cannot be kept",
    ];
    went_back(&scene, &report, &words, &start).await;
    nothing_lost(&scene).await;
}

/// The operator's own bound: kept by going back, and not in the way where it suffices.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_cannot_be_kept_short_enough_is_taken_back() {
    let (scene, _) = ready().await;
    let start = AppState::of(&scene).await;
    let within = |seconds| CutoverArgs {
        max_downtime: Some(Duration::from_secs(seconds)),
        ..scene.cutover_args()
    };
    let sent = scene.mutations();
    let report = commands::cutover(&scene.operator(), &within(3)).await;
    ended(&report, ExitCode::Blocked, &["is expected to last", "3s"]);
    assert_eq!(scene.mutations(), sent);

    let connect = scene.sandbox.connect();
    let hour = Duration::from_secs(3600);
    connect.change_behaviour(&scene.app, |app| app.pause_takes = hour);
    let report = commands::cutover(&scene.operator(), &within(1000)).await;
    let words = [
        "rolled back because of pause-old",
        "--max-downtime 16m 40s cannot be kept",
        "pause Connect took",
    ];
    went_back(&scene, &report, &words, &start).await;
    let phases = report.downtime_phases.iter().map(|took| took.phase);
    assert!(
        phases.clone().any(|phase| phase == Phase::WayBack),
        "{:?}",
        phases.collect::<Vec<_>>()
    );
    assert!(report.downtime_seconds.unwrap() > 900.0);

    let usual = Duration::from_secs(2);
    connect.change_behaviour(&scene.app, |app| app.pause_takes = usual);
    let report = commands::cutover(&scene.operator(), &within(6 * 3600)).await;
    ended(&report, ExitCode::Ok, &[]);
    let seconds: f64 = report.downtime_phases.iter().map(|took| took.seconds).sum();
    assert!((seconds - report.downtime_seconds.unwrap()).abs() < 0.001);
    let came: Vec<Phase> = report
        .downtime_phases
        .iter()
        .map(|took| took.phase)
        .collect();
    for phase in [Phase::Stop, Phase::Pause, Phase::Promotion, Phase::Boot] {
        assert!(came.contains(&phase), "{phase:?} is missing in {came:?}");
    }
    let expected = report.downtime_estimate.as_ref().unwrap();
    let drain = expected.phase(Phase::Drain).unwrap();
    assert!(drain.why.contains("of the last"), "{}", drain.why);
    let journal = commands::report(&scene.operator(), &scene.target()).await;
    let entries = journal.details["journal"].as_array().unwrap();
    let recorded = entries.iter().rev().find(|entry| {
        entry["record"]["entry"]["step"] == "record-state"
            && entry["record"]["entry"]["kind"] == "applied"
    });
    let kept = &recorded.unwrap()["record"]["entry"]["output"]["expected"];
    assert_eq!(*kept, serde_json::to_value(expected).unwrap());
    nothing_lost(&scene).await;
}

/// The name of the Connect add-on that prep has made.
async fn new_connect(scene: &Scene, old: &str) -> String {
    let heroku = scene.somebody();
    let all = heroku.connect().search(&scene.target().app, None).await;
    let new = all.unwrap().into_iter().find(|c| c.resource_name != *old);
    new.unwrap().resource_name.to_string()
}
