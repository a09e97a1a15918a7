//! One connection is swapped. Another one on the same database, whoever's it is, stops that before
//! anything is done: its tables would be taken for the app's own.

use std::sync::Arc;

use connect_swap_heroku::AddonName;
use connect_swap_swap::{ExitCode, Operator, PrepArgs, Report, Severity, commands};
use connect_swap_tests::{AtConsent, Scene, ended, says_app_is};

const CODE: &str = "another-connection";

async fn plan(scene: &Scene, args: &PrepArgs) -> Report {
    let plan = commands::plan(&scene.operator(), args).await;
    assert!(
        matches!(plan.exit, ExitCode::Ok | ExitCode::Blocked),
        "{:?}",
        plan.error
    );
    plan
}

#[track_caller]
fn blocks(report: &Report, seen: &str) {
    let found = report.findings.iter().find(|finding| finding.code == CODE);
    let found = found.unwrap_or_else(|| panic!("{CODE} is missing in {:#?}", report.findings));
    assert_eq!(found.severity, Severity::Block);
    let lines = found.seen.join("\n");
    assert!(lines.contains(seen), "“{seen}” is missing in {found:#?}");
}

#[track_caller]
fn is_silent(report: &Report) {
    let mut codes = report.findings.iter().map(|finding| &finding.code);
    assert!(!codes.any(|code| code == CODE), "{:#?}", report.findings);
}

async fn destroy(scene: &Scene, addon: &AddonName) {
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let platform = heroku.platform();
    let app_id = platform.app(&app).await.unwrap().id;
    let found = platform.addon(&app, addon).await.unwrap().unwrap();
    platform.destroy_addon(&app_id, &found.id).await.unwrap();
}

/// From the first look to the last thing it left behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_connection_and_what_it_leaves_stop_prep() {
    let scene = Scene::new().await;
    let mut args = scene.prep_args();
    args.target.resource = Some(scene.old_connect().await.as_str().try_into().unwrap());
    is_silent(&plan(&scene, &args).await);

    let second = scene.second_connection("salesforce_eu").await;
    let what = format!("{second} syncs with ");
    blocks(&plan(&scene, &args).await, &what);
    let prep = commands::prep(&scene.operator(), &args).await;
    ended(&prep, ExitCode::Blocked, &[CODE]);
    assert_eq!(scene.mutations(), Vec::<String>::new());

    // Its tables stay when it is gone.
    destroy(&scene, &second).await;
    let what = "schema salesforce_eu holds Connect's own tables";
    blocks(&plan(&scene, &args).await, what);
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let client = database.connect("migrations").await.unwrap();
    let drop = "DROP SCHEMA salesforce_eu CASCADE";
    client.batch_execute(drop).await.unwrap();
    is_silent(&plan(&scene, &args).await);

    let hidden = scene.bare_connect("herokuconnect-hidden").await;
    blocks(&plan(&scene, &args).await, &format!("{hidden} may sync"));
}

/// It comes when the pair is ready, and when the operator already reads the last question.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_connection_that_comes_late_stops_the_window() {
    let scene = Arc::new(Scene::new().await);
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let at_prompt = Arc::clone(&scene);
    let gate = AtConsent::new("maintenance-on", move || {
        let scene = Arc::clone(&at_prompt);
        async move { drop(scene.second_connection("salesforce_eu").await) }
    });
    let operator = Operator {
        gate: Arc::new(gate),
        ..scene.operator()
    };
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(
        &cutover,
        ExitCode::Drifted,
        &["another connection came to the old database"],
    );
    says_app_is(&cutover, "off");

    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Blocked, &[CODE]);
}
