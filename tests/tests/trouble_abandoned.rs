//! A swap that was given up leaves no trace in the old database, however far it had come.

use connect_swap_engine::{Injection, Where};
use connect_swap_postgres::pg_tools;
use connect_swap_swap::{ExitCode, commands};
use connect_swap_tests::{Scene, ended};

async fn prepared(scene: &Scene) {
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
}

/// The definitions of the old database, as `pg_dump` tells them.
fn definitions(scene: &Scene) -> String {
    let vars = scene.sandbox.config_vars(&scene.app);
    let tools = pg_tools(15).unwrap();
    let dumped = std::process::Command::new(tools.pg_dump)
        .args(["--schema-only", "--dbname", &vars["DATABASE_URL"]])
        .output()
        .unwrap();
    assert!(dumped.status.success(), "{dumped:?}");
    let text = String::from_utf8(dumped.stdout).unwrap();
    // A random word of each dump, since the releases of August 2025.
    let lines = text.lines().filter(|line| !line.contains("restrict "));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_swap_leaves_no_trace_in_the_old_database() {
    let scene = Scene::new().await;
    let before = definitions(&scene);
    prepared(&scene).await;
    assert!(definitions(&scene).contains("connect_swap_capture_insert"));
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.details["schema_dropped"], true);
    assert_eq!(definitions(&scene), before);
    nothing_lost(&scene).await;
}

/// Somebody reads the journal for long, so it cannot be taken away: the swap is over all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_in_use_is_taken_away_by_the_next_cleanup() {
    let scene = Scene::new().await;
    let before = definitions(&scene);
    prepared(&scene).await;
    let old = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let reader = old.admin().await.unwrap();
    let reads = "BEGIN; LOCK TABLE connect_swap.run IN ACCESS SHARE MODE";
    reader.batch_execute(reads).await.unwrap();
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "closed");
    let told = format!("{:?}", scene.events.all());
    assert!(told.contains("DROP SCHEMA connect_swap CASCADE"), "{told}");
    let known = commands::report(&scene.operator(), &scene.target()).await;
    assert_eq!(known.state, "closed");
    reader.batch_execute("ROLLBACK").await.unwrap();
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.details["schema_dropped"], true);
    assert_eq!(definitions(&scene), before);
}

/// Prep was given up midway, and somebody destroyed the new pair by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_capture_goes_also_where_the_new_pair_is_gone_already() {
    let scene = Scene::new().await;
    let before = definitions(&scene);
    let mut operator = scene.operator();
    operator.injection = Injection {
        fail_before: Where::Step("seed-rows".into()),
        ..Injection::default()
    };
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Paused, &["seed-rows"]);
    assert!(definitions(&scene).contains("connect_swap_capture_insert"));
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let platform = heroku.platform();
    let id = platform.app(&app).await.unwrap().id;
    for addon in platform.addons(&app).await.unwrap() {
        if addon.name.as_str().contains("-swap-") {
            let _ = platform.destroy_addon(&id, &addon.id).await.unwrap();
        }
    }
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(definitions(&scene), before);
    nothing_lost(&scene).await;
}
