//! Trouble while the new pair is built: prep pauses, says why in the words of whoever refused, the
//! app runs on as if nothing were, and the same command goes on once the cause is mended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::Interruption;
use connect_swap_heroku::connect::{Connection, ConnectionState};
use connect_swap_sandbox::connect::{Login, MappingFailure, MappingState};
use connect_swap_sandbox::{Fault, FaultKind, Provisioning, ProvisioningOutcome};
use connect_swap_swap::{ExitCode, Operator, Report, commands};
use connect_swap_tests::{
    AppState, AtStep, Scene, Script, ScriptedGate, ended, local_client, says_app_is,
};
use serde_json::{Value, json};

/// What users and Salesforce notice is as at the start; the app has lost no write.
async fn unharmed(scene: &Scene, start: &AppState) {
    assert_eq!(AppState::of(scene).await.live(), *start);
    let writes = async {
        loop {
            let audit = scene.sandbox.audit(&scene.app).await.unwrap();
            assert!(audit.is_clean(), "{audit:#?}");
            if audit.acknowledged > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), writes).await;
    waited.expect("the app writes");
}

async fn start(scene: &Scene) -> AppState {
    AppState::of(scene).await.live()
}

async fn prep(scene: &Scene) -> Report {
    commands::prep(&scene.operator(), &scene.prep_args()).await
}

/// Prep goes on to its end, and has made one add-on of each kind in all its runs.
async fn goes_on(scene: &Scene) {
    let report = prep(scene).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(report.state, "ready");
    let heroku = scene.somebody();
    let app = scene.target().app;
    let addons = heroku.platform().addons(&app).await.unwrap();
    assert_eq!(addons.len(), 4, "{addons:#?}");
}

fn pausing_at(operator: &Operator, step: &'static str) -> Operator {
    let mut operator = operator.clone();
    let control = operator.control.clone();
    operator.sink = Arc::new(AtStep::new(step, operator.sink.clone(), move || {
        control.interrupt(Interruption::Pause);
    }));
    operator
}

async fn new_connection(scene: &Scene, old: &str) -> Connection {
    let heroku = scene.somebody();
    let app = scene.target().app;
    let all = heroku.connect().search(&app, None).await.unwrap();
    let new = all.iter().find(|one| one.resource_name != *old).unwrap();
    heroku.connect().connection(new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_in_the_middle_pauses() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let token = format!("token-of-{}", scene.app);
    scene.sandbox.add_token(token.clone().into());
    let mut operator = scene.operator();
    operator.heroku = scene.heroku_with(&token);
    let revoked = token.clone();
    let sandbox = scene.sandbox;
    operator.sink = Arc::new(AtStep::new(
        "create-connect",
        operator.sink.clone(),
        move || sandbox.revoke_token(&revoked),
    ));
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(
        &report,
        ExitCode::Paused,
        &[
            "create-connect",
            "heroku login",
            "same command",
            "request id",
        ],
    );
    let shown = format!(
        "{}{:?}",
        serde_json::to_string(&report).unwrap(),
        scene.events.all()
    );
    assert!(!shown.contains(&token));
    unharmed(&scene, &start).await;
    goes_on(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_in_the_middle_are_passed_on_word_for_word() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let path = format!("^/apps/{}/addons$", scene.app);
    for (status, id, message, hint) in [
        (
            403,
            "two_factor",
            "A second authentication factor or pre-authorization is required for this request.",
            "second factor",
        ),
        (
            422,
            "invalid_params",
            "The plan standard-0 is no longer available.",
            "create-database",
        ),
        (
            402,
            "delinquent",
            "Please verify your account to install this add-on plan.",
            "settle this with Heroku",
        ),
        (423, "locked", "This app is locked.", "create-database"),
        (
            404,
            "not_found",
            "Couldn't find that app.",
            "create-database",
        ),
    ] {
        let kind = FaultKind::ErrorBefore {
            status,
            body: json!({ "id": id, "message": message }),
        };
        scene
            .sandbox
            .add_fault(Fault::once("POST", &path, kind))
            .unwrap();
        let report = prep(&scene).await;
        ended(
            &report,
            ExitCode::Paused,
            &["create-database", message, hint, "request id"],
        );
        says_app_is(&report, "off");
        assert_eq!(report.state, "preparing");
    }
    unharmed(&scene, &start).await;
    goes_on(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_salesforce_organisation_is_refused_before_the_import() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let connect = scene.sandbox.connect();
    connect.change_behaviour(&scene.app, |app| app.login = Login::WrongOrganisation);
    let right = connect.organisation_or_new(&scene.app).info().id.clone();
    for _ in 0..2 {
        let report = prep(&scene).await;
        ended(
            &report,
            ExitCode::Blocked,
            &["authorise-salesforce", &right, "nothing was imported"],
        );
        says_app_is(&report, "off");
        let sent = scene.mutations();
        assert!(
            !sent.iter().any(|one| one.contains("/actions/import")),
            "{sent:#?}"
        );
    }
    unharmed(&scene, &start).await;
    connect.change_behaviour(&scene.app, |app| app.login = Login::Allow);
    goes_on(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_nobody_finishes_pauses_in_the_end() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let connect = scene.sandbox.connect();
    connect.change_behaviour(&scene.app, |app| app.login = Login::Refuse);
    let report = prep(&scene).await;
    ended(
        &report,
        ExitCode::Paused,
        &[
            "authorise-salesforce",
            "for the Salesforce login in the browser, which is the limit",
            "to get a new login page",
        ],
    );
    says_app_is(&report, "off");
    unharmed(&scene, &start).await;
    connect.change_behaviour(&scene.app, |app| app.login = Login::Allow);
    goes_on(&scene).await;
}

/// A load that cannot end well by itself, each time mended and taken up.
#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_stops_is_named_with_its_mapping() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let old = scene.old_connect().await;
    let connect = scene.sandbox.connect();
    connect.change_behaviour(&scene.app, |app| app.load_rows_per_second = 0.2);
    let operator = pausing_at(&scene.operator(), "wait-load");
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(&report, ExitCode::Paused, &["wait-load"]);
    let new = new_connection(&scene, &old).await;
    let name = new.resource_name.to_string();
    let heroku = scene.somebody();
    for (state, message) in [
        (
            MappingState::BulkLoadError,
            "InvalidBatch : Field name not found",
        ),
        (MappingState::Aborted, "Aborted by a user"),
    ] {
        let failure = MappingFailure {
            state,
            message: message.into(),
            after_rows: 1,
        };
        connect.fail_mapping(&name, "Account", failure).unwrap();
        let report = prep(&scene).await;
        ended(
            &report,
            ExitCode::Paused,
            &[
                "wait-load",
                "Account",
                message,
                "connect:mapping:reload Account",
                &name,
            ],
        );
        says_app_is(&report, "off");
        assert_eq!(report.state, "preparing");
        let now = heroku
            .connect()
            .connection(&summary(&scene, &name).await)
            .await
            .unwrap();
        let mapping = now.mapping("Account").unwrap();
        heroku
            .connect()
            .reload_mapping(&now, &mapping.id)
            .await
            .unwrap();
    }
    for (state, word, hint) in [
        (
            connect_swap_sandbox::connect::ConnectionState::TooManyRows,
            "TOO_MANY_ROWS",
            "contract",
        ),
        (
            connect_swap_sandbox::connect::ConnectionState::DbUnavailable,
            "DB_UNAVAILABLE",
            "connect:recover",
        ),
    ] {
        connect.set_state(&name, state).unwrap();
        let report = prep(&scene).await;
        ended(&report, ExitCode::Paused, &["wait-load", word, hint]);
        connect.unpause(&name).unwrap();
    }
    unharmed(&scene, &start).await;
    connect.change_behaviour(&scene.app, |app| app.load_rows_per_second = 1000.0);
    goes_on(&scene).await;
}

async fn summary(scene: &Scene, name: &str) -> connect_swap_heroku::connect::ConnectionSummary {
    let heroku = scene.somebody();
    let app = scene.target().app;
    let all = heroku.connect().search(&app, None).await.unwrap();
    all.into_iter()
        .find(|one| one.resource_name == *name)
        .unwrap()
}

/// Connect answers 200 and the connection stays NEW, as a failed `connect:db:set` leaves it.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_connect_does_not_take_is_noticed() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let old = scene.old_connect().await;
    let operator = pausing_at(&scene.operator(), "create-connect");
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(&report, ExitCode::Paused, &[]);
    let operator = pausing_at(&scene.operator(), "link-connect");
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(&report, ExitCode::Paused, &[]);
    let new = new_connection(&scene, &old).await;
    assert_eq!(new.state, ConnectionState::New);
    let path = format!("/api/v3/connections/{}", new.id);
    let body = raw(&scene, &path).await;
    let fault = Fault::once(
        "PATCH",
        &format!("^{path}$"),
        FaultKind::ErrorBefore { status: 200, body },
    )
    .times(1000);
    let fault = scene.sandbox.add_fault(fault).unwrap();
    let report = prep(&scene).await;
    ended(
        &report,
        ExitCode::Paused,
        &["connect-database", "to take its database", "dashboard"],
    );
    says_app_is(&report, "off");
    scene.sandbox.remove_fault(fault);
    unharmed(&scene, &start).await;
    goes_on(&scene).await;
}

/// What a GET answers, as it comes.
async fn raw(scene: &Scene, path: &str) -> Value {
    let env: BTreeMap<_, _> = scene.sandbox.environment().into_iter().collect();
    let answer = local_client()
        .get(format!("{}{path}", scene.sandbox.url()))
        .bearer_auth(&env["HEROKU_API_KEY"])
        .send()
        .await
        .unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_addon_that_heroku_cannot_make_is_given_up_with_cleanup() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let outcome = |outcome| Provisioning {
        seconds: Some(1),
        outcome,
    };
    let sandbox = scene.sandbox;
    sandbox
        .set_provisioning(&scene.app, outcome(ProvisioningOutcome::Fails))
        .unwrap();
    let report = prep(&scene).await;
    assert!(
        matches!(report.exit, ExitCode::Paused | ExitCode::Drifted),
        "{:?}",
        report.error
    );
    ended(
        &report,
        report.exit,
        &["wait-database", "postgresql-swap-", "begin again"],
    );
    says_app_is(&report, "off");
    unharmed(&scene, &start).await;
    sandbox
        .set_provisioning(&scene.app, outcome(ProvisioningOutcome::Succeeds))
        .unwrap();
    let cleanup = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&cleanup, ExitCode::Ok, &[]);
    unharmed(&scene, &start).await;
    let again = prep(&scene).await;
    ended(&again, ExitCode::Ok, &[]);
    assert_ne!(again.run, report.run);
}

/// A full disk of the operator's machine shows as a file that cannot be written.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_cannot_keep_the_export_creates_nothing() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let file = scene.files().join("no-directory");
    std::fs::write(&file, "").unwrap();
    let mut operator = scene.operator();
    operator.files = file.join("state");
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(
        &report,
        ExitCode::Paused,
        &["export-configuration", "cannot be written", "make room"],
    );
    says_app_is(&report, "off");
    assert_eq!(scene.mutations(), Vec::<String>::new());
    unharmed(&scene, &start).await;
    goes_on(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_named() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let admin = database.server.admin("postgres").await.unwrap();
    let allow = |allowed: bool| {
        format!(
            "ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}",
            database.name
        )
    };
    admin.batch_execute(&allow(false)).await.unwrap();
    let reports = [
        commands::prep(&scene.operator(), &scene.prep_args()).await,
        commands::plan(&scene.operator(), &scene.prep_args()).await,
    ];
    admin.batch_execute(&allow(true)).await.unwrap();
    for report in &reports {
        assert_ne!(report.exit, ExitCode::Ok);
        ended(
            report,
            report.exit,
            &["not currently accepting connections"],
        );
        says_app_is(report, "off");
    }
    assert_eq!(scene.mutations(), Vec::<String>::new());
    unharmed(&scene, &start).await;
}

/// A script that tries again what is paused must not try this for ever.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_differ_are_no_pause() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let operator = pausing_at(&scene.operator(), "prove-rows");
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(&report, ExitCode::Paused, &["prove-rows"]);
    let row = "FROM public.orders ORDER BY id LIMIT 1";
    let set = async |total: i32| {
        let new = scene.sandbox.database(&scene.app, "NEW_DATABASE").unwrap();
        let first = format!("(SELECT id {row})");
        let change = format!("UPDATE public.orders SET total = {total} WHERE id = {first}");
        let admin = new.admin().await.unwrap();
        admin.batch_execute(&change).await.unwrap();
    };
    let old = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let old = old.admin().await.unwrap();
    let total = async || -> i32 {
        let row = old.query_one(&format!("SELECT total {row}"), &[]).await;
        row.unwrap().get(0)
    };
    set(total().await + 1).await;
    for _ in 0..2 {
        let report = prep(&scene).await;
        let words = [
            "a difference at prove-rows",
            "orders",
            "connect:swap:cleanup",
        ];
        ended(&report, ExitCode::Mismatch, &words);
        says_app_is(&report, "off");
        assert_eq!(report.state, "preparing");
    }
    unharmed(&scene, &start).await;
    set(total().await).await;
    goes_on(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_thinks_better_of_it_is_told_what_is_billed() {
    let scene = Scene::new().await;
    let start = start(&scene).await;
    let decline = ScriptedGate::new(Script::DeclineSteps(vec!["create-connect".into()]));
    let report = commands::prep(&scene.operator_with(decline), &scene.prep_args()).await;
    let words = [
        "stopped before create-connect",
        "billed already: postgresql-",
        "connect:swap:cleanup",
    ];
    ended(&report, ExitCode::NoConsent, &words);
    unharmed(&scene, &start).await;
}
