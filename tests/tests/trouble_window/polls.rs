//! What the app wrote last is in the new database before users are let in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{Clock, Event, Level};
use connect_swap_sandbox::demo_export;
use connect_swap_swap::{CutoverArgs, ExitCode, Operator, commands};
use connect_swap_tests::{AtConsent, Scene, Script, ScriptedGate, ended};
use jiff::Timestamp;

use crate::{cutover, meddled, nothing_lost, ready};

const DAY: Duration = Duration::from_secs(86_400);

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
        app.streaming_delay = DAY;
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
    let scene = Scene::with(|options| options.polling = DAY).await;
    nothing_is_streamed(&scene);
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    // A slow pause in an earlier attempt, however that ends: room for another one is left beside the poll.
    let connect = scene.sandbox.connect();
    let pause = |takes| connect.change_behaviour(&scene.app, |app| app.pause_takes = takes);
    pause(Duration::from_secs(300));
    let declining = ScriptedGate::new(Script::DeclineSteps(vec!["promote".into()]));
    let args = CutoverArgs {
        max_downtime: Some(Duration::from_secs(1200)),
        ..scene.cutover_args()
    };
    let report = commands::cutover(&scene.operator_with(declining), &args).await;
    ended(&report, ExitCode::RolledBack, &[]);
    pause(Duration::from_secs(2));
    let args = CutoverArgs {
        max_downtime: Some(Duration::from_secs(2700)),
        ..scene.cutover_args()
    };
    let operator = with_a_last_signup(&scene, &Arc::default());
    let report = commands::cutover(&operator, &args).await;
    ended(&report, ExitCode::Ok, &[]);
    let told = warnings(&scene);
    let wanted = ["has not polled", "Contact", "24h 00m after the window"];
    let tells = |text: &String| wanted.iter().all(|words| text.contains(words));
    assert!(told.iter().any(tells), "{told:#?}");
    nothing_lost(&scene).await;
}

/// A poll once in a day, and changes that Salesforce tells of at once: nobody waits for the poll.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_streamed_is_not_waited_for_until_the_next_poll() {
    let scene = Scene::with(|options| {
        let mut export = demo_export(&options.app);
        for mapping in export["mappings"].as_array_mut().unwrap() {
            mapping["config"]["sf_notify_enabled"] = true.into();
            mapping["config"]["sf_polling_seconds"] = DAY.as_secs().into();
        }
        options.export = Some(export);
    })
    .await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let found = Arc::default();
    let report = cutover(&scene, &with_a_last_signup(&scene, &found)).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(*found.lock().unwrap(), [1, 1]);
    let told = warnings(&scene);
    assert!(
        !told.iter().any(|text| text.contains("has not polled")),
        "{told:#?}"
    );
    let downtime = report.downtime_seconds.unwrap();
    assert!(downtime < DAY.as_secs_f64(), "{downtime} s");
    nothing_lost(&scene).await;
}
