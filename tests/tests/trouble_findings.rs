//! Every finding that can be provoked, with its code and severity, in a dry look at a swap that is
//! ready for cutover. A cutover that findings block has changed nothing.

use std::time::Duration;

use connect_swap_heroku::AttachmentName;
use connect_swap_sandbox::AppSpec;
use connect_swap_sandbox::connect::{ConnectionState, MappingFailure, MappingState};
use connect_swap_swap::{CutoverArgs, ExitCode, commands};
use connect_swap_swap::{Finding, Severity};
use connect_swap_tests::{Scene, ended, local_client, says_app_is};

async fn findings(scene: &Scene) -> Vec<Finding> {
    let plan = commands::plan(&scene.operator(), &scene.prep_args()).await;
    assert!(
        matches!(plan.exit, ExitCode::Ok | ExitCode::Blocked),
        "{:?}",
        plan.error
    );
    plan.findings
}

#[track_caller]
fn has(findings: &[Finding], code: &str, severity: Severity, seen: &str) {
    let found = findings.iter().find(|finding| finding.code == code);
    let found = found.unwrap_or_else(|| panic!("{code} is missing in {findings:#?}"));
    assert_eq!(found.severity, severity, "{found:#?}");
    let lines = format!("{}\n{}", found.title, found.seen.join("\n"));
    assert!(lines.contains(seen), "“{seen}” is missing in {found:#?}");
    assert!(
        !found.why.is_empty() && !found.todo.is_empty(),
        "{found:#?}"
    );
}

#[track_caller]
fn has_not(findings: &[Finding], codes: &[&str]) {
    let there: Vec<_> = findings
        .iter()
        .filter(|finding| codes.contains(&finding.code.as_str()))
        .collect();
    assert!(there.is_empty(), "{there:#?}");
}

async fn sql(scene: &Scene, statement: &str) {
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let client = database.connect("migrations").await.unwrap();
    client.batch_execute(statement).await.unwrap();
}

async fn ready(change: impl FnOnce(&mut connect_swap_sandbox::DemoOptions)) -> (Scene, String) {
    let scene = Scene::with(change).await;
    let connect = scene.old_connect().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    (scene, connect)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_database_is_found() {
    let (scene, _) = ready(|_| {}).await;
    has_not(&findings(&scene).await, &["id-references", "large-objects"]);
    sql(
        &scene,
        "CREATE TABLE public.notes (account_id integer REFERENCES salesforce.account (id));
         CREATE VIEW public.labels AS SELECT id, name FROM salesforce.contact;
         SELECT lo_create(0);",
    )
    .await;
    // As Connect itself writes, so that no trigger hands the rows on to Salesforce.
    sql(
        &scene,
        "SET xmlbinary = 'hex';
         INSERT INTO salesforce.contact (lastname) SELECT 'left ' || n FROM generate_series(1, 900) n;",
    )
    .await;
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    // Somebody else's; the app's own one is carried over.
    let admin = database.admin().await.unwrap();
    admin.batch_execute("SELECT lo_create(0)").await.unwrap();
    let session = database.connect("psql interactive").await.unwrap();
    let found = findings(&scene).await;
    let block = Severity::Block;
    has(&found, "id-references", block, "notes");
    has(&found, "id-references", block, "view public.labels");
    has(&found, "large-objects", block, "1 large object");
    has(&found, "unsynced-rows", block, "contact");
    has(
        &found,
        "external-sessions",
        Severity::Warn,
        "psql interactive",
    );
    has(&found, "extensions", Severity::Info, "hstore");
    drop(session);
    let before = connect_swap_tests::AppState::of(&scene).await;
    let sent = scene.mutations();
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(
        &cutover,
        ExitCode::Blocked,
        &["id-references", "large-objects", "unsynced-rows", "--ack"],
    );
    assert_eq!(scene.mutations(), sent);
    assert_eq!(connect_swap_tests::AppState::of(&scene).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_else_uses_the_old_pair_is_found() {
    let (scene, _) = ready(|options| options.release_phase = true).await;
    has_not(
        &findings(&scene).await,
        &[
            "other-app-attachments",
            "credential-attachments",
            "follower",
            "one-off-dynos",
        ],
    );
    let other = AppSpec {
        name: Some(format!("{}-other", scene.app)),
        postgres: None,
        connect: None,
        ..AppSpec::default()
    };
    let other = scene.sandbox.create_app(other).await.unwrap();
    let somebody = scene.somebody();
    let app = scene.target().app;
    let attachments = somebody.platform().attachments(&app).await.unwrap();
    let database = attachments.iter().find(|a| a.name == *"DATABASE").unwrap();
    let addon = database.addon.name.clone();
    let name = |name: &str| AttachmentName::try_from(name).unwrap();
    let platform = somebody.platform();
    platform
        .attach(
            &other.as_str().try_into().unwrap(),
            &addon,
            Some(&name("SHARED")),
            None,
            false,
        )
        .await
        .unwrap();
    scene
        .sandbox
        .add_credential(addon.as_str(), "reporting")
        .await
        .unwrap();
    platform
        .attach(
            &app,
            &addon,
            Some(&name("REPORTING")),
            Some("credential:reporting"),
            false,
        )
        .await
        .unwrap();
    scene
        .sandbox
        .set_following(addon.as_str(), Some("postgresql-leader-1"))
        .unwrap();
    scene.sandbox.run_one_off(&scene.app, "run").unwrap();
    let found = findings(&scene).await;
    has(&found, "other-app-attachments", Severity::Block, &other);
    has(
        &found,
        "credential-attachments",
        Severity::Warn,
        "REPORTING is credential:reporting",
    );
    has(
        &found,
        "follower",
        Severity::Block,
        "follows postgresql-leader-1",
    );
    has(&found, "one-off-dynos", Severity::Warn, "run.");
    has(&found, "release-phase", Severity::Info, "");
    has(&found, "connect-maintenance", Severity::Info, "");
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(
        &cutover,
        ExitCode::Blocked,
        &["other-app-attachments", "follower"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_connect_says_is_found() {
    let (scene, old) = ready(|_| {}).await;
    let connect = scene.sandbox.connect();
    has_not(
        &findings(&scene).await,
        &[
            "failed-writes",
            "odata",
            "connection-unhealthy",
            "mapping-not-synced",
        ],
    );
    // A change that is sent so slowly that it waits while we look.
    connect.change_behaviour(&scene.app, |app| {
        app.write_batch_takes = Duration::from_secs(24 * 3600);
    });
    sql(&scene, "UPDATE salesforce.contact SET lastname = 'Waiting'").await;
    let found = findings(&scene).await;
    has(
        &found,
        "pending-writes",
        Severity::Info,
        "log of the old connection",
    );
    connect.change_behaviour(&scene.app, |app| {
        app.write_batch_takes = Duration::from_millis(500);
    });
    connect
        .add_write_error(&old, "Account", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
        .unwrap();
    connect.set_external_objects(&old, true).unwrap();
    connect.set_feature(&old, "rest_count_only", true).unwrap();
    let aborted = MappingFailure {
        state: MappingState::Aborted,
        message: "Aborted by a user".into(),
        after_rows: 0,
    };
    connect.fail_mapping(&old, "Product2", aborted).unwrap();
    let found = findings(&scene).await;
    let block = Severity::Block;
    has(
        &found,
        "failed-writes",
        block,
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    );
    has(&found, "odata", block, &old);
    has(&found, "feature-flags-differ", block, "rest_count_only");
    has(&found, "mapping-not-synced", block, "Product2: ABORTED");
    has(&found, "manual-settings", block, "");
    connect
        .set_state(&old, ConnectionState::SystemError)
        .unwrap();
    let found = findings(&scene).await;
    has(&found, "connection-unhealthy", block, "SYSTEM_ERROR");
    // Only the operator's word is taken, and only for what it names.
    let args = CutoverArgs {
        acks: vec!["manual-settings".into(), "odata".into()],
        ..scene.cutover_args()
    };
    let sent = scene.mutations();
    let cutover = commands::cutover(&scene.operator(), &args).await;
    ended(
        &cutover,
        ExitCode::Blocked,
        &["connection-unhealthy", "failed-writes"],
    );
    let message = &cutover.error.as_ref().unwrap().message;
    assert!(
        !message.contains("odata") && !message.contains("manual-settings"),
        "{message}"
    );
    says_app_is_untouched(&cutover);
    assert_eq!(scene.mutations(), sent);
}

fn says_app_is_untouched(report: &connect_swap_swap::Report) {
    let state = &report.error.as_ref().unwrap().app_state;
    assert!(state.contains("nothing was changed"), "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_plan_is_found_before_anything_is_created() {
    let scene = Scene::new().await;
    has_not(&findings(&scene).await, &["plan-demo"]);
    let old = scene.old_connect().await;
    let env: std::collections::BTreeMap<_, _> = scene.sandbox.environment().into_iter().collect();
    let answer = local_client()
        .patch(format!(
            "{}/apps/{}/addons/{old}",
            scene.sandbox.url(),
            scene.app
        ))
        .bearer_auth(&env["HEROKU_API_KEY"])
        .header("accept", "application/vnd.heroku+json; version=3")
        .header("content-type", "application/json")
        .body(r#"{"plan": "herokuconnect:demo"}"#)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    has(&findings(&scene).await, "plan-demo", Severity::Block, &old);
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Blocked, &["plan-demo"]);
    says_app_is_untouched(&prep);
    assert_eq!(scene.mutations(), Vec::<String>::new());
    let status = commands::status(&scene.operator(), &scene.target()).await;
    assert_eq!(status.state, "none");
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Blocked, &["no swap is under way"]);
    says_app_is(&cutover, "off");
}
