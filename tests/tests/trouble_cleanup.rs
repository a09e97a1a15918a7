//! Cleanup destroys exactly the pair that is not in use, and nothing that it cannot prove unused.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_heroku::AttachmentName;
use connect_swap_postgres::{DatabaseUrl, Purpose, connect, other_sessions};
use connect_swap_sandbox::AppSpec;
use connect_swap_sandbox::connect::ConnectionState;
use connect_swap_swap::{ExitCode, Operator, commands};
use connect_swap_tests::{
    AppState, AtConsent, Scene, Script, ScriptedGate, consenting, ended, says_app_is,
};

async fn addons(scene: &Scene) -> Vec<String> {
    let heroku = scene.somebody();
    let app = scene.target().app;
    let addons = heroku.platform().addons(&app).await.unwrap();
    let mut names: Vec<_> = addons.iter().map(|addon| addon.name.to_string()).collect();
    names.sort();
    names
}

/// How many add-ons were destroyed.
fn destroyed(scene: &Scene) -> usize {
    let sent = scene.mutations();
    let of_addon = |one: &&String| one.starts_with("DELETE /apps/") && one.contains("/addons/");
    sent.iter().filter(of_addon).count()
}

async fn prepared(scene: &Scene) {
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
}

async fn nothing_lost(scene: &Scene) {
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.acknowledged > 0, "the app wrote nothing");
    assert!(audit.is_clean(), "{audit:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_new_pair_goes_and_the_old_one_stays() {
    let scene = Scene::new().await;
    let old = addons(&scene).await;
    let start = AppState::of(&scene).await;
    prepared(&scene).await;
    let all = addons(&scene).await;
    let new: Vec<_> = all.iter().filter(|name| !old.contains(name)).collect();
    let gate = Arc::new(consenting());
    let operator = Operator {
        gate: gate.clone(),
        ..scene.operator()
    };
    let report = commands::cleanup(&operator, &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(addons(&scene).await, old);
    assert_eq!(destroyed(&scene), 2);
    // The attachment that prep had made is gone as well, with its config var.
    assert_eq!(AppState::of(&scene).await, start);
    let mut typed: Vec<_> = gate
        .asked()
        .into_iter()
        .filter(|asked| asked.step.starts_with("destroy"))
        .map(|asked| asked.description.confirm_with)
        .collect();
    typed.sort();
    assert_eq!(typed.iter().collect::<Vec<_>>(), new);
    assert_eq!(report.state, "closed");
    // Its journal went to the operator's machine, with its last entry.
    let journal =
        std::fs::read_to_string(report.details["journal_file"].as_str().unwrap()).unwrap();
    for words in ["remove-capture", "close-run", "phase-ended"] {
        assert!(journal.contains(words), "{words} is not in the journal");
    }
    let report = commands::report(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Blocked, &["no swap to report on"]);
    let cleanup = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&cleanup, ExitCode::Blocked, &["no swap is under way"]);
    nothing_lost(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_swap_the_old_pair_goes_and_the_journal_stays() {
    let scene = Scene::new().await;
    let old = addons(&scene).await;
    prepared(&scene).await;
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    let all = addons(&scene).await;
    let new: Vec<_> = all
        .iter()
        .filter(|name| !old.contains(name))
        .cloned()
        .collect();

    let decline = ScriptedGate::new(Script::DeclineSteps(vec!["destroy-connect".into()]));
    let report = commands::cleanup(&scene.operator_with(decline), &scene.target()).await;
    ended(
        &report,
        ExitCode::NoConsent,
        &["destroy-connect", "declined by the script"],
    );
    says_app_is(&report, "off");
    assert_eq!(addons(&scene).await, all);

    // Another app still reads the old database.
    let other = AppSpec {
        name: Some(format!("{}-other", scene.app)),
        postgres: None,
        connect: None,
        ..AppSpec::default()
    };
    let other = scene.sandbox.create_app(other).await.unwrap();
    let heroku = scene.somebody();
    let database = old
        .iter()
        .find(|name| name.starts_with("postgresql"))
        .unwrap();
    let shared = heroku
        .platform()
        .attach(
            &other.as_str().try_into().unwrap(),
            &database.as_str().try_into().unwrap(),
            Some(&AttachmentName::try_from("SHARED").unwrap()),
            None,
            false,
        )
        .await
        .unwrap();
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Blocked, &["not proven unused", &other]);
    says_app_is(&report, "off");
    assert_eq!(addons(&scene).await, all);
    assert_eq!(destroyed(&scene), 0);
    heroku.platform().detach(&shared.id).await.unwrap();

    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(addons(&scene).await, new);
    // The same again, as after a kill at the very end.
    let again = commands::cleanup(&scene.operator(), &scene.target()).await;
    let over = [
        "no swap is under way",
        "was closed as finished",
        "nothing of it is left",
    ];
    ended(&again, ExitCode::Blocked, &over);
    assert_eq!(destroyed(&scene), 2);
    // The journal moved to the database that stays, and a copy to the operator's machine.
    let report = commands::report(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(
        (report.state.as_str(), &report.run),
        ("closed", &cutover.run)
    );
    let journal = report.details["journal"].to_string();
    for step in ["create-database", "promote", "destroy-connect"] {
        assert!(journal.contains(step), "{step} is not in the journal");
    }
    let files = std::fs::read_dir(scene.files()).unwrap();
    let mut names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(names.any(|name| name.ends_with("-journal.json")));
    nothing_lost(&scene).await;
}

/// Waits until the dynos that were on a database have ended: a minute of the sandbox is half a
/// second here, which a busy machine may need for that.
async fn nobody_is_on(scene: &Scene, attachment: &str) {
    let vars = scene.sandbox.config_vars(&scene.app);
    let url = DatabaseUrl::parse(&vars[&format!("{attachment}_URL")]).unwrap();
    let session = connect(&url, Purpose::ReadOnly, "test").await.unwrap();
    for _ in 0..600 {
        if other_sessions(&session).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("sessions on {attachment} do not end");
}

/// While the operator types the name, somebody puts the database to use.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_to_use_at_the_prompt_is_not_destroyed() {
    let scene = Scene::new().await;
    prepared(&scene).await;
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let addons = heroku.platform().addons(&app).await.unwrap();
    let name = |part: &str| {
        let mut addons = addons.iter();
        let found = addons.find(|addon| addon.name.as_str().starts_with(part));
        found.unwrap().name.clone()
    };
    let new = name("postgresql-swap-");
    for step in ["destroy-connect", "destroy-database"] {
        let before = destroyed(&scene);
        let (heroku, name, addon) = (scene.somebody(), app.clone(), new.clone());
        let gate = AtConsent::new(step, move || {
            let (heroku, app, new) = (heroku.clone(), name.clone(), addon.clone());
            async move {
                let database = AttachmentName::try_from("DATABASE").unwrap();
                let platform = heroku.platform();
                let promoted = platform.attach(&app, &new, Some(&database), None, true);
                promoted.await.unwrap();
            }
        });
        let operator = Operator {
            gate: Arc::new(gate),
            ..scene.operator()
        };
        let report = commands::cleanup(&operator, &scene.target()).await;
        ended(&report, ExitCode::Blocked, &["it is the app's DATABASE"]);
        let expected = if step == "destroy-connect" { 0 } else { 1 };
        assert_eq!(destroyed(&scene) - before, expected, "{step}");
        let old = addons
            .iter()
            .find(|addon| addon.service.name == "heroku-postgresql" && addon.name != new)
            .unwrap();
        let database = AttachmentName::try_from("DATABASE").unwrap();
        let somebody = scene.somebody();
        let platform = somebody.platform();
        let back = platform.attach(&app, &old.name, Some(&database), None, true);
        back.await.unwrap();
    }
    nobody_is_on(&scene, "NEW_DATABASE").await;
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
}

/// The new connection of a swap that is given up runs, and has a session of its own to the database.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_somebody_reads_by_its_address_is_not_destroyed() {
    let scene = Scene::new().await;
    prepared(&scene).await;
    let database = scene.sandbox.database(&scene.app, "NEW_DATABASE").unwrap();

    let psql = database.connect("psql").await.unwrap();
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Blocked, &["not proven unused", "psql"]);
    assert_eq!(destroyed(&scene), 0);
    drop(psql);

    // Nothing tells this one from Connect's own until that is gone.
    let report_tool = database.connect("").await.unwrap();
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Blocked, &["sessions are open on it"]);
    assert_eq!(destroyed(&scene), 1);
    report_tool.batch_execute("SELECT 1").await.unwrap();
    let left = addons(&scene).await;
    let mut left = left.iter();
    assert!(left.any(|name| name.starts_with("postgresql-swap-")));

    drop(report_tool);
    nobody_is_on(&scene, "NEW_DATABASE").await;
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(destroyed(&scene), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_connection_that_was_resumed_is_in_use() {
    let scene = Scene::new().await;
    let old = scene.old_connect().await;
    prepared(&scene).await;
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let cutover = commands::cutover(&scene.operator(), &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    // Whoever uses it again has lifted the fence, too: behind it Connect stops with an error.
    let admin = database.admin().await.unwrap();
    let (name, role) = (&database.name, &database.role);
    let lift = format!(
        "ALTER ROLE {role} IN DATABASE {name} RESET default_transaction_read_only; \
         ALTER ROLE {role} RESET default_transaction_read_only; \
         ALTER DATABASE {name} RESET default_transaction_read_only"
    );
    let writing = "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE";
    admin.batch_execute(writing).await.unwrap();
    admin.batch_execute(&lift).await.unwrap();
    drop(admin);
    let connect = scene.sandbox.connect();
    connect.set_state(&old, ConnectionState::Idle).unwrap();
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    let what = format!("{old} was resumed");
    ended(&report, ExitCode::Blocked, &[&what, "heroku connect:pause"]);
    assert_eq!(destroyed(&scene), 0);
    connect.set_state(&old, ConnectionState::Paused).unwrap();
    let report = commands::cleanup(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
}
