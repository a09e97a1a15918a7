//! The dry commands are dry: before, during and after prep, and after cutover, they send no request
//! that may change anything, and no transaction of theirs gets an id from the server.
//!
//! A transaction gets an id when it first changes anything, so the server's next id tells the two
//! apart (PostgreSQL manual, 9.27.8 "Transaction ID and Snapshot Information Functions"). Nobody else may
//! write meanwhile: the app has no dynos and its connections are paused.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::Interruption;
use connect_swap_heroku::connect::{ConnectionState, Mapping};
use connect_swap_sandbox::servers::Database;
use connect_swap_swap::{ExitCode, Report, commands};
use connect_swap_tests::{AtStep, Scene, ended, shared_sandbox_with};

/// What would have moved if anybody had changed anything.
#[derive(Debug, PartialEq, Eq)]
struct Still {
    mutations: Vec<String>,
    /// The next transaction id of each server, by location.
    next: Vec<(String, String)>,
    files: Vec<String>,
}

async fn next_id(database: &Database) -> String {
    let admin = database.admin().await.unwrap();
    let row = admin
        .query_one(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text,
                    pg_current_xact_id_if_assigned() IS NULL",
            &[],
        )
        .await
        .unwrap();
    assert!(row.get::<_, bool>(1), "looking must not count itself");
    row.get(0)
}

async fn setting(database: &Database, name: &str) -> String {
    let admin = database.admin().await.unwrap();
    let sql = "SELECT current_setting($1)";
    admin.query_one(sql, &[&name]).await.unwrap().get(0)
}

async fn still(scene: &Scene, databases: &[Database]) -> Still {
    let mut next = Vec::new();
    for database in databases {
        next.push((database.location(), next_id(database).await));
    }
    let mut files: Vec<_> = std::fs::read_dir(scene.files())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    Still {
        mutations: scene.mutations(),
        next,
        files,
    }
}

/// Runs every dry command and proves that nothing moved.
async fn is_dry(scene: &Scene, databases: &[Database], at: &str) {
    rest(scene, at).await;
    let before = still(scene, databases).await;
    let (operator, target) = (scene.operator(), scene.target());
    let mut plan = scene.prep_args();
    plan.acks = scene.cutover_args().acks;
    let reports: [Report; 5] = [
        commands::plan(&operator, &plan).await,
        commands::status(&operator, &target).await,
        commands::verify(&operator, &target).await,
        commands::list(&operator, &target).await,
        commands::report(&operator, &target).await,
    ];
    for report in reports {
        assert!(
            matches!(
                report.exit,
                ExitCode::Ok | ExitCode::Blocked | ExitCode::Mismatch
            ),
            "{at}: {} {:?}",
            report.command,
            report.error
        );
        assert!(!report.next.is_empty(), "{at}: {}", report.command);
    }
    assert_eq!(still(scene, databases).await, before, "{at}");
}

/// Lets whatever writes by itself come to rest: no dyno runs, every connection is paused.
async fn rest(scene: &Scene, at: &str) {
    let heroku = scene.somebody();
    let app = scene.target().app;
    let clock = scene.sandbox.clock();
    let moment = Duration::from_secs(3);
    let mut looks = 0;
    while !heroku.platform().dynos(&app).await.unwrap().is_empty() {
        looks += 1;
        assert!(looks < 1000, "dynos do not stop");
        clock.sleep(moment).await;
    }
    for summary in heroku.connect().search(&app, None).await.unwrap() {
        let mut looks = 0;
        loop {
            let now = heroku.connect().connection(&summary).await.unwrap();
            // A mapping that waits for its load when the pause comes stays waiting: it writes nothing.
            let writes = |m: &Mapping| m.is_polling || m.actively_writing;
            // The old connection may have met the fence before its pause: an error is rest, too.
            let stopped = now.state == ConnectionState::Paused || now.state.is_error();
            let at_rest = stopped && !now.mappings.iter().any(writes);
            if now.db_key.is_none() || at_rest {
                break;
            }
            // It can only be paused between two pieces of work.
            let answer = heroku.connect().pause(&now).await;
            if looks % 200 == 3 {
                println!("{at} {answer:?} {:?}", now.state);
            }
            looks += 1;
            assert!(
                looks < 1000,
                "{} does not come to rest: {:?} {:?}",
                now.resource_name,
                now.state,
                now.mappings
                    .iter()
                    .map(|m| (&m.object_name, &m.state, m.is_polling, m.actively_writing))
                    .collect::<Vec<_>>()
            );
            clock.sleep(moment).await;
        }
    }
}

/// Lets the connections run again.
async fn run(scene: &Scene) {
    let heroku = scene.somebody();
    let app = scene.target().app;
    for summary in heroku.connect().search(&app, None).await.unwrap() {
        let now = heroku.connect().connection(&summary).await.unwrap();
        if now.db_key.is_some() {
            heroku.connect().resume(&now).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_commands_change_nothing_anywhere() {
    // Autovacuum writes by itself: its transactions take ids whenever it likes.
    let sandbox = shared_sandbox_with(|options| {
        options.server_settings = vec!["autovacuum=off".to_owned()];
    });
    sandbox.await;
    let scene = Scene::new().await;
    for process in ["web", "worker"] {
        scene.sandbox.scale(&scene.app, process, 0).unwrap();
    }
    let old = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    assert_eq!(setting(&old, "autovacuum").await, "off");
    is_dry(&scene, std::slice::from_ref(&old), "before prep").await;
    run(&scene).await;

    let operator = scene.operator();
    let mut pausing = operator.clone();
    let control = pausing.control.clone();
    pausing.sink = Arc::new(AtStep::new("wait-load", operator.sink.clone(), move || {
        control.interrupt(Interruption::Pause);
    }));
    scene
        .sandbox
        .connect()
        .change_behaviour(&scene.app, |app| app.load_rows_per_second = 1.0);
    let prep = commands::prep(&pausing, &scene.prep_args()).await;
    ended(&prep, ExitCode::Paused, &["wait-load"]);
    assert_eq!(prep.state, "preparing");
    let new = scene.sandbox.database(&scene.app, "NEW_DATABASE").unwrap();
    let both = [old, new];
    scene
        .sandbox
        .connect()
        .change_behaviour(&scene.app, |app| app.load_rows_per_second = 1000.0);
    is_dry(&scene, &both, "during prep").await;
    run(&scene).await;

    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    is_dry(&scene, &both, "after prep").await;
    run(&scene).await;

    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    for process in ["web", "worker"] {
        scene.sandbox.scale(&scene.app, process, 0).unwrap();
    }
    is_dry(&scene, &both, "after cutover").await;

    // The proof itself is proven: whatever writes is seen.
    let before = still(&scene, &both).await;
    let client = both[1].connect("psql").await.unwrap();
    let statement = "UPDATE public.orders SET total = total";
    client.batch_execute(statement).await.unwrap();
    assert_ne!(still(&scene, &both).await, before);
}
