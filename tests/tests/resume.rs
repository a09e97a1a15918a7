//! A swap belongs to the app, not to the machine that began it.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connect_swap_engine::{Event, Interruption, Sink};
use connect_swap_postgres::{DatabaseUrl, Purpose, connect};
use connect_swap_swap::journal::{Lock, LockError};
use connect_swap_swap::world::lock_key;
use connect_swap_swap::{ExitCode, Identity, Operator, PrepArgs, commands};
use connect_swap_tests::{AppState, AtStep, Scene, ended, says_app_is, told};
use tokio::sync::Notify;

/// Somebody else, at another machine, with another home.
fn colleague(scene: &Scene, files: &tempfile::TempDir) -> Operator {
    Operator {
        files: files.path().join("state"),
        identity: Identity {
            user: "colleague".into(),
            host: "night-desk".into(),
            version: "0".into(),
        },
        ..scene.operator()
    }
}

fn interrupted_at(operator: &Operator, step: &'static str, wish: Interruption) -> Operator {
    let mut operator = operator.clone();
    let control = operator.control.clone();
    let interrupt = move || control.interrupt(wish);
    operator.sink = Arc::new(AtStep::new(step, operator.sink.clone(), interrupt));
    operator
}

async fn addons(scene: &Scene) -> Vec<String> {
    let heroku = scene.somebody();
    let app = scene.target().app;
    let addons = heroku.platform().addons(&app).await.unwrap();
    let mut names: Vec<_> = addons.iter().map(|addon| addon.name.to_string()).collect();
    names.sort();
    names
}

fn count(scene: &Scene, mutation: &str) -> usize {
    let sent = scene.mutations();
    sent.iter().filter(|one| one.contains(mutation)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn prep_goes_on_at_another_machine_and_makes_nothing_twice() {
    let scene = Scene::new().await;
    scene
        .sandbox
        .connect()
        .change_behaviour(&scene.app, |app| app.load_rows_per_second = 1.0);
    let operator = interrupted_at(&scene.operator(), "wait-load", Interruption::Pause);
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Paused, &["wait-load"]);
    says_app_is(&prep, "off");
    let made = addons(&scene).await;
    assert_eq!(made.len(), 4, "{made:?}");
    let created = format!("POST /apps/{}/addons", scene.app);
    assert_eq!(count(&scene, &created), 2);

    // Other columns than it was begun with would be ignored silently: so they are refused.
    let home = tempfile::tempdir().unwrap();
    let other = PrepArgs {
        add: vec!["Account.Rating".into()],
        ..scene.prep_args()
    };
    let refused = commands::prep(&colleague(&scene, &home), &other).await;
    ended(&refused, ExitCode::Usage, &["other columns", "cleanup"]);

    scene
        .sandbox
        .connect()
        .change_behaviour(&scene.app, |app| app.load_rows_per_second = 1000.0);
    for (args, what) in [
        (scene.prep_args(), "with the same flags"),
        (
            PrepArgs {
                add: Vec::new(),
                ..scene.prep_args()
            },
            "without flags, once it is ready",
        ),
    ] {
        let again = commands::prep(&colleague(&scene, &home), &args).await;
        ended(&again, ExitCode::Ok, &[]);
        assert_eq!(
            (again.state.as_str(), &again.run),
            ("ready", &prep.run),
            "{what}"
        );
        assert_eq!(addons(&scene).await, made, "{what}");
        assert_eq!(count(&scene, &created), 2, "{what}");
        assert_eq!(count(&scene, "/actions/import"), 1, "{what}");
    }

    // Both are in the journal, wherever it is read.
    let report = commands::report(&colleague(&scene, &home), &scene.target()).await;
    let journal = report.details["journal"].to_string();
    assert!(
        journal.contains("night-desk") && journal.contains("bench"),
        "{journal}"
    );
    // The new machine has its own copy of the exports, for its owner alone.
    let exports = std::fs::read_dir(home.path().join("state")).unwrap();
    let modes: Vec<u32> = exports
        .map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777)
        .collect();
    assert_eq!(modes, [0o600, 0o600]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_is_told_who_is_at_work_from_where_and_since_when() {
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let (reached, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut first = scene.operator();
    let gate = {
        let (reached, go_on) = (Arc::clone(&reached), Arc::clone(&go_on));
        connect_swap_tests::AtConsent::new("maintenance-on", move || {
            let (reached, go_on) = (Arc::clone(&reached), Arc::clone(&go_on));
            async move {
                reached.notify_one();
                go_on.notified().await;
            }
        })
    };
    first.gate = Arc::new(gate);
    let args = scene.cutover_args();
    let running = {
        let args = args.clone();
        tokio::spawn(async move { commands::cutover(&first, &args).await })
    };
    reached.notified().await;
    let home = tempfile::tempdir().unwrap();
    let second = colleague(&scene, &home);
    let sent = scene.mutations();
    for report in [
        commands::cutover(&second, &args).await,
        commands::prep(&second, &scene.prep_args()).await,
        commands::cleanup(&second, &scene.target()).await,
    ] {
        ended(
            &report,
            ExitCode::Locked,
            &[
                "another run is at work",
                "cutover tester@bench",
                "127.0.0.1",
                "since 20",
                "status",
            ],
        );
        says_app_is(&report, "off");
    }
    assert_eq!(scene.mutations(), sent);
    // Looking is never locked out.
    let status = commands::status(&second, &scene.target()).await;
    ended(&status, ExitCode::Ok, &[]);
    go_on.notify_one();
    let first = running.await.unwrap();
    assert_eq!(first.exit, ExitCode::Ok, "{}", told(&first));
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0 && audit.is_clean(), "{audit:#?}");
}

/// Ctrl-C in the window, then the same command elsewhere: forward from where it stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_left_open_is_taken_up_by_somebody_else() {
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let (somebody, app) = (scene.somebody(), scene.target().app);
    let running = async || {
        let formation = somebody.platform().formation(&app).await.unwrap();
        let each = formation.into_iter();
        each.map(|process| (process.process_type, process.quantity))
            .collect::<Vec<_>>()
    };
    let before_window = running().await;
    let operator = interrupted_at(&scene.operator(), "last-round", Interruption::Pause);
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Paused, &["last-round"]);
    assert_eq!(cutover.state, "cutting-over");
    says_app_is(&cutover, "on");
    let status = commands::status(&scene.operator(), &scene.target()).await;
    let before = &status.details["before_window"];
    assert_eq!(before["maintenance"], false, "{before}");
    assert_eq!(before["formation"][0]["process_type"], "web", "{before}");
    let openings = || {
        let opened = |event: &Event| matches!(event, Event::WindowOpened { .. });
        scene
            .events
            .all()
            .into_iter()
            .filter(opened)
            .collect::<Vec<_>>()
    };
    assert_eq!(openings().len(), 1);
    let home = tempfile::tempdir().unwrap();
    let cleanup = commands::cleanup(&colleague(&scene, &home), &scene.target()).await;
    ended(&cleanup, ExitCode::Blocked, &["middle of a cutover"]);
    let cutover = commands::cutover(&colleague(&scene, &home), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    // The clock goes on from when it was opened.
    let told = openings();
    assert!(told.len() == 2 && told[0] == told[1], "{told:?}");
    assert_eq!(cutover.state, "swapped");
    // As it was before the window, not as whoever took it up found it.
    assert_eq!(running().await, before_window);
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0 && audit.is_clean(), "{audit:#?}");
    assert!(scene.sandbox.connect().overlaps().is_empty());
}

/// Users were let in while nobody was at work: what they wrote since is not to be left behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_somebody_ended_meanwhile_is_not_gone_on_with() {
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let start = AppState::of(&scene).await;
    let operator = interrupted_at(&scene.operator(), "settle", Interruption::Pause);
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Paused, &[]);
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let ended_by_hand = heroku.platform().set_maintenance(&app, false);
    ended_by_hand.await.unwrap();
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    let words = [
        "rolled back because of maintenance-on",
        "somebody turned maintenance mode off",
    ];
    ended(&cutover, ExitCode::RolledBack, &words);
    says_app_is(&cutover, "off");
    assert_eq!(AppState::of(&scene).await, start);
}

/// The process ends when maintenance mode is on and nobody has written that down: it is this tool's
/// own, and not how the app was before.
#[tokio::test(flavor = "multi_thread")]
async fn maintenance_that_a_cut_off_run_turned_on_goes_off_in_the_end() {
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let operator = interrupted_at(&scene.operator(), "record-state", Interruption::Pause);
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Paused, &["maintenance-on"]);
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let platform = heroku.platform();
    platform.set_maintenance(&app, true).await.unwrap();
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let journal = database.connect("somebody").await.unwrap();
    let begun = r#"INSERT INTO connect_swap.journal (run, seq, record)
        SELECT run, seq + 1,
            jsonb_set(record, '{entry}', '{"kind": "intent", "step": "maintenance-on"}')
        FROM connect_swap.journal ORDER BY seq DESC LIMIT 1"#;
    journal.batch_execute(begun).await.unwrap();
    drop(journal);
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    assert!(!platform.app(&app).await.unwrap().maintenance);
}

/// A write that came between the pause and the fence waits in the log when the window is taken up
/// again. Behind the fence the old connection could not send it.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_found_behind_the_fence_is_sent_before_the_window_goes_on() {
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let operator = interrupted_at(&scene.operator(), "fence", Interruption::Pause);
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Paused, &["recheck-drain"]);
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let admin = database.admin().await.unwrap();
    // A statement of its own: what is open already stays read-only.
    for statement in [
        "SET default_transaction_read_only = off",
        "INSERT INTO salesforce.contact (lastname, external_id__c) VALUES ('Late', 'late-1')",
    ] {
        admin.batch_execute(statement).await.unwrap();
    }
    drop(admin);
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    let sent = scene
        .sandbox
        .connect()
        .salesforce_records(&scene.app, "Contact");
    let late = |record: &&_| format!("{record:?}").contains("late-1");
    assert_eq!(sent.iter().filter(late).count(), 1);
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0 && audit.is_clean(), "{audit:#?}");
}

/// Runs a whole prep of a colleague's the moment this operator was told the findings: after the look
/// for swaps, before the lock.
struct Overtaken {
    colleague: Operator,
    args: PrepArgs,
    happened: AtomicBool,
}

impl Sink for Overtaken {
    fn emit(&self, event: Event) {
        if matches!(event, Event::Notice { .. }) && !self.happened.swap(true, Ordering::SeqCst) {
            let prep = commands::prep(&self.colleague, &self.args);
            let prep =
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(prep));
            assert_eq!(prep.exit, ExitCode::Ok, "{}", told(&prep));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_who_begin_at_the_same_moment_begin_one_swap() {
    let scene = Scene::new().await;
    let home = tempfile::tempdir().unwrap();
    let sink = Arc::new(Overtaken {
        colleague: colleague(&scene, &home),
        args: scene.prep_args(),
        happened: AtomicBool::new(false),
    });
    let operator = Operator {
        sink: sink.clone(),
        ..scene.operator()
    };
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Locked, &["has begun a swap", "status"]);
    assert!(sink.happened.load(Ordering::SeqCst));
    assert_eq!(addons(&scene).await.len(), 4);
    let again = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&again, ExitCode::Ok, &[]);
    assert_eq!(addons(&scene).await.len(), 4);
}

/// The path to the database is gone, the server does not know that yet and keeps the lock for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_session_of_our_own_does_not_keep_the_lock() {
    let scene = Scene::new().await;
    let vars = scene.sandbox.config_vars(&scene.app);
    let url = DatabaseUrl::parse(&vars["DATABASE_URL"]).unwrap();
    let session = async || connect(&url, Purpose::Work, "ghost").await.unwrap();
    let key = |id: &str| lock_key(&serde_json::from_value(id.into()).unwrap());
    let app = key("an-app");
    let lost = Lock::acquire(session().await, app).await.ok().unwrap();
    let other = Lock::acquire(session().await, key("another-app")).await;
    let other = other.ok().unwrap();
    // Only the session that was lost is ended: whoever else holds the lock keeps it.
    let refused = Lock::acquire(session().await, app).await;
    assert!(matches!(refused, Err(LockError::Held(_))));
    let refused = Lock::acquire_again(session().await, app, other.backend()).await;
    assert!(matches!(refused, Err(LockError::Held(_))));
    let again = Lock::acquire_again(session().await, app, lost.backend()).await;
    assert!(again.is_ok());
    assert!(lost.session().query_one("SELECT 1", &[]).await.is_err());
}
