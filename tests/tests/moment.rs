//! The window begins shortly before a poll of the new connection; until then the app runs on.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{Event, Interruption, Sink};
use connect_swap_heroku::Heroku;
use connect_swap_heroku::connect::ConnectionSummary;
use connect_swap_sandbox::connect::ConnectionState;
use connect_swap_swap::{ExitCode, Operator, Report, commands};
use connect_swap_tests::{AppState, AtConsent, AtStep, Scene, ended, says_app_is};
use jiff::Timestamp;

/// A swap that is ready for its window, whose mappings are polled rarely, and the new connection.
async fn ready() -> (Scene, ConnectionSummary) {
    let scene = Scene::with(|options| options.polling = Duration::from_secs(600)).await;
    let old = scene.old_connect().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let all = scene
        .somebody()
        .connect()
        .search(&scene.target().app, None)
        .await;
    let new = all
        .unwrap()
        .into_iter()
        .find(|one| one.resource_name != *old);
    (scene, new.unwrap())
}

async fn polls(heroku: &Heroku, connection: &ConnectionSummary) -> Vec<Option<Timestamp>> {
    let connection = heroku.connect().connection(connection).await.unwrap();
    let mappings = connection.mappings.iter();
    mappings.map(|mapping| mapping.times.sf_poll).collect()
}

/// An operator who agrees right after a poll, when the next one is furthest away, and to whom
/// something happens while the window waits.
fn agrees_after_a_poll(
    scene: &Scene,
    new: &ConnectionSummary,
    then: impl FnOnce() + Send + 'static,
) -> Operator {
    let (heroku, new) = (Arc::new(scene.somebody()), new.clone());
    let gate = AtConsent::new("maintenance-on", move || {
        let (heroku, new) = (Arc::clone(&heroku), new.clone());
        async move {
            let before = polls(&heroku, &new).await;
            let polled = async {
                while polls(&heroku, &new).await == before {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            let bound = Duration::from_secs(60);
            tokio::time::timeout(bound, polled).await.expect("a poll");
        }
    });
    let inner = Arc::clone(&scene.events) as Arc<dyn Sink>;
    Operator {
        gate: Arc::new(gate),
        sink: Arc::new(AtStep::waiting("maintenance-on", inner, then)),
        ..scene.operator()
    }
}

async fn cutover(scene: &Scene, operator: &Operator) -> Report {
    commands::cutover(operator, &scene.cutover_args()).await
}

fn tells(event: &Event, words: &str) -> bool {
    matches!(event, Event::StepProgress { step, progress }
        if step == "maintenance-on" && progress.message.contains(words))
}

/// Where in the story something is told for the first time.
fn place(events: &[Event], wanted: impl Fn(&Event) -> bool) -> usize {
    let found = events.iter().position(wanted);
    found.unwrap_or_else(|| panic!("missing in {events:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_runs_on_and_rounds_go_on_until_the_window_begins() {
    let (scene, new) = ready().await;
    let operator = agrees_after_a_poll(&scene, &new, || {});
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::Ok, &[]);
    let events = scene.events.all();
    let waits = place(&events, |event| tells(event, "begins in"));
    let brings = place(&events, |event| tells(event, "brought over"));
    let opens = place(&events, |event| matches!(event, Event::WindowOpened { .. }));
    assert!(waits < brings && brings < opens, "{events:#?}");
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.is_clean() && audit.acknowledged > 0, "{audit:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_while_it_waits_pauses_and_nothing_was_touched() {
    let (scene, new) = ready().await;
    let start = AppState::of(&scene).await;
    let operator = scene.operator();
    let control = operator.control.clone();
    let operator = Operator {
        control: operator.control,
        ..agrees_after_a_poll(&scene, &new, move || control.interrupt(Interruption::Ask))
    };
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::Paused, &["maintenance-on"]);
    says_app_is(&report, "off");
    assert_eq!(AppState::of(&scene).await, start);
    ended(&cutover(&scene, &scene.operator()).await, ExitCode::Ok, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_while_it_waits_opens_no_window() {
    let (scene, new) = ready().await;
    let connect = scene.sandbox.connect();
    let name = new.resource_name.to_string();
    let broken = name.clone();
    let operator = agrees_after_a_poll(&scene, &new, move || {
        let state = ConnectionState::SystemError;
        connect.set_state(&broken, state).unwrap();
    });
    let report = cutover(&scene, &operator).await;
    ended(
        &report,
        ExitCode::Paused,
        &["SYSTEM_ERROR", "polls nothing"],
    );
    says_app_is(&report, "off");
    let events = scene.events.all();
    let opened = events
        .iter()
        .any(|event| matches!(event, Event::WindowOpened { .. }));
    assert!(!opened, "{events:#?}");
    connect.set_state(&name, ConnectionState::Idle).unwrap();
    ended(&cutover(&scene, &scene.operator()).await, ExitCode::Ok, &[]);
}

/// Nobody is asked again when the wait is over: what was done to the app meanwhile must not be undone.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_it_waits_opens_no_window() {
    let (scene, new) = ready().await;
    let (sandbox, app) = (scene.sandbox, scene.app.clone());
    let operator = agrees_after_a_poll(&scene, &new, move || {
        sandbox.scale(&app, "worker", 3).unwrap();
    });
    let report = cutover(&scene, &operator).await;
    let words = ["the formation was changed", "run the same command again"];
    ended(&report, ExitCode::Drifted, &words);
    says_app_is(&report, "off");
    let events = scene.events.all();
    let opened = events
        .iter()
        .any(|event| matches!(event, Event::WindowOpened { .. }));
    assert!(!opened, "{events:#?}");
}
