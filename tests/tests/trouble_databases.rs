//! Database servers that restart, crash, fill up, let nobody in, or cut sessions off in the middle.
//!
//! They serve every app of the sandbox, so the tests of this file run one after the other.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{Event, Sink};
use connect_swap_heroku::connect::{Mapping, MappingState};
use connect_swap_sandbox::connect::ConnectionState;
use connect_swap_sandbox::servers::{Database, Generation, Shutdown};
use connect_swap_sandbox::{Sandbox, SandboxOptions};
use connect_swap_swap::{ExitCode, Operator, Report, commands};
use connect_swap_tests::databases::{EMPTY_DISK, FILL_DISK, end_sessions, limit_connections};
use connect_swap_tests::{AtStep, Scene, ended, says_app_is, shared_sandbox_with, told};
use tokio::sync::{Mutex, MutexGuard};

static ALONE: Mutex<()> = Mutex::const_new(());

/// A server of which a crash loses nothing that was acknowledged, for one test at a time.
async fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().await;
    let durable = |options: &mut SandboxOptions| {
        options.server_settings.push("synchronous_commit=on".into());
    };
    shared_sandbox_with(durable).await;
    alone
}

/// Lets something happen at the beginning of each of these steps, once.
fn at_steps<F>(scene: &Scene, steps: &[&'static str], act: impl Fn(&'static str) -> F) -> Operator
where
    F: Future<Output = ()> + Send + 'static,
{
    let operator = scene.operator();
    let mut sink: Arc<dyn Sink> = operator.sink.clone();
    for step in steps {
        let deed = act(step);
        sink = Arc::new(AtStep::new(step, sink, move || {
            tokio::spawn(deed);
        }));
    }
    Operator { sink, ..operator }
}

async fn outage(sandbox: &Sandbox, side: Generation, how: Shutdown) {
    sandbox.stop_server(side, how).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    sandbox
        .start_server(side)
        .await
        .expect("the server starts again");
}

/// The same command again until it has done what it is for, as a person does: a connection that lost
/// its database is recovered in between, a mapping whose load stopped is reloaded.
async fn to_its_end<F>(scene: &Scene, run: impl Fn() -> F)
where
    F: Future<Output = Report>,
{
    let mut said = Vec::new();
    for _ in 0..12 {
        let report = run().await;
        said.push(told(&report));
        if report.exit == ExitCode::Ok {
            return;
        }
        let known = [
            ExitCode::Paused,
            ExitCode::RolledBack,
            ExitCode::Stuck,
            ExitCode::Blocked,
        ];
        assert!(
            known.contains(&report.exit),
            "{:?}: {}",
            report.exit,
            told(&report)
        );
        ended(&report, report.exit, &[]);
        recover(scene).await;
    }
    panic!("it never came to its end: {said:#?}");
}

async fn prepares(scene: &Scene, operator: &Operator) {
    let args = scene.prep_args();
    to_its_end(scene, || commands::prep(operator, &args)).await;
}

async fn cuts_over(scene: &Scene, operator: &Operator) {
    let args = scene.cutover_args();
    to_its_end(scene, || commands::cutover(operator, &args)).await;
}

async fn recover(scene: &Scene) {
    // Nobody tries again before the server is back.
    for side in [Generation::Old, Generation::New] {
        let back = scene.sandbox.start_server(side).await;
        back.expect("the server starts again");
    }
    let (heroku, app) = (scene.somebody(), scene.target().app);
    for summary in heroku.connect().search(&app, None).await.unwrap() {
        let addon = summary.resource_name.as_str();
        let connect = scene.sandbox.connect();
        if connect.state(addon).unwrap() == ConnectionState::DbUnavailable {
            connect.unpause(addon).unwrap();
        }
        // As the hint of a load that stopped says.
        let connection = heroku.connect().connection(&summary).await.unwrap();
        let stopped = |mapping: &&Mapping| mapping.state == MappingState::SystemError;
        for mapping in connection.mappings.iter().filter(stopped) {
            let reloaded = heroku.connect().reload_mapping(&connection, &mapping.id);
            reloaded.await.unwrap();
        }
    }
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
    assert!(scene.sandbox.connect().overlaps().is_empty());
}

fn database(scene: &Scene, attachment: &str) -> Database {
    scene
        .sandbox
        .database(&scene.app, attachment)
        .expect("a database")
}

async fn as_heroku(database: &Database, statement: &str) {
    let session = database.admin().await.expect("the server answers");
    session
        .batch_execute(statement)
        .await
        .expect("it can be done");
}

const IN_PREP: [&str; 3] = ["start-capture", "seed-rows", "prove-rows"];
const IN_CUTOVER: [&str; 4] = ["catch-up", "fence", "last-round", "repoint-new"];

async fn swaps_in_spite_of(side: Generation, how: Shutdown) {
    let _alone = alone().await;
    let scene = Scene::new().await;
    let sandbox = scene.sandbox;
    let failing = |steps: &[&'static str]| at_steps(&scene, steps, |_| outage(sandbox, side, how));
    let operator = failing(&IN_PREP);
    prepares(&scene, &operator).await;
    let operator = failing(&IN_CUTOVER);
    cuts_over(&scene, &operator).await;
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_server_crashes_again_and_again() {
    swaps_in_spite_of(Generation::Old, Shutdown::Crash).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_server_restarts_again_and_again() {
    swaps_in_spite_of(Generation::New, Shutdown::Fast).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_the_new_database_is_named() {
    let _alone = alone().await;
    let scene = Scene::new().await;
    let (sandbox, app) = (scene.sandbox, scene.app.clone());
    let operator = at_steps(&scene, &["carry-schema"], move |_| {
        let app = app.clone();
        async move {
            let new = sandbox.database(&app, "NEW_DATABASE").expect("a database");
            as_heroku(&new, FILL_DISK).await;
        }
    });
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(
        &report,
        ExitCode::Paused,
        &["carry-schema", "disk is full", "--plan"],
    );
    says_app_is(&report, "off");
    as_heroku(&database(&scene, "NEW_DATABASE"), EMPTY_DISK).await;
    let report = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_without_free_connections_pauses_prep_and_leads_back_in_the_window() {
    let _alone = alone().await;
    let scene = Scene::new().await;
    let sandbox = scene.sandbox;
    let crowded = |steps: &[&'static str]| {
        at_steps(&scene, steps, |_| {
            let app = scene.app.clone();
            async move {
                let new = sandbox.database(&app, "NEW_DATABASE").expect("a database");
                as_heroku(&new, &limit_connections(&new, 0)).await;
            }
        })
    };
    let emptied = async || {
        let new = database(&scene, "NEW_DATABASE");
        as_heroku(&new, &limit_connections(&new, -1)).await;
        recover(&scene).await;
    };
    let report = commands::prep(&crowded(&["seed-rows"]), &scene.prep_args()).await;
    ended(
        &report,
        ExitCode::Paused,
        &["seed-rows", "too many connections"],
    );
    says_app_is(&report, "off");
    emptied().await;
    let prep = scene.operator();
    prepares(&scene, &prep).await;
    let report = commands::cutover(&crowded(&["last-round"]), &scene.cutover_args()).await;
    ended(&report, ExitCode::RolledBack, &["too many connections"]);
    says_app_is(&report, "off");
    nothing_lost(&scene).await;
    emptied().await;
    let cutover = scene.operator();
    cuts_over(&scene, &cutover).await;
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_cut_off_are_opened_again() {
    let _alone = alone().await;
    let scene = Scene::new().await;
    let sandbox = scene.sandbox;
    let cutting = |steps: &[&'static str]| {
        at_steps(&scene, steps, |_| {
            let app = scene.app.clone();
            async move {
                for name in ["DATABASE", "NEW_DATABASE"] {
                    if let Some(database) = sandbox.database(&app, name) {
                        as_heroku(&database, &end_sessions(&database, "connect-swap")).await;
                    }
                }
            }
        })
    };
    let operator = cutting(&IN_PREP);
    prepares(&scene, &operator).await;
    let operator = cutting(&IN_CUTOVER);
    cuts_over(&scene, &operator).await;
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_stays_open_is_waited_for_and_named() {
    let _alone = alone().await;
    let scene = Scene::new().await;
    let somebody = database(&scene, "DATABASE")
        .connect("nightly-report")
        .await
        .unwrap();
    somebody
        .batch_execute("BEGIN; UPDATE public.orders SET id = id WHERE id = (SELECT min(id) FROM public.orders)")
        .await
        .unwrap();
    let events = scene.events.clone();
    let told_of_it = move || {
        events.all().iter().any(|event| {
            matches!(event, Event::Notice { text, .. }
                if text.contains("waiting for its transaction to end") && text.contains("nightly-report"))
        })
    };
    let ends = async {
        while !told_of_it() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        somebody.batch_execute("ROLLBACK").await.unwrap();
    };
    let bound = Duration::from_secs(120);
    let (operator, args) = (scene.operator(), scene.prep_args());
    let (report, ended_it) = tokio::join!(
        commands::prep(&operator, &args),
        tokio::time::timeout(bound, ends)
    );
    ended_it.expect("nobody was told");
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
}

/// The old database holds the journal: while it is away nobody knows of the swap.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_cannot_be_reached_is_not_taken_for_none() {
    let _alone = alone().await;
    let scene = Scene::new().await;
    prepares(&scene, &scene.operator()).await;
    let (sandbox, old) = (scene.sandbox, Generation::Old);
    sandbox.stop_server(old, Shutdown::Fast).await;
    let report = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    sandbox.start_server(old).await.expect("it starts again");
    ended(&report, ExitCode::Unexpected, &["is not known", "pg:info"]);
    recover(&scene).await;
    cuts_over(&scene, &scene.operator()).await;
    nothing_lost(&scene).await;
}
