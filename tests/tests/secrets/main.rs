//! No secret in arguments, output, logs, journals, reports or files: a whole swap through the binary,
//! with failures that quote secrets, looked at from everywhere.

mod canaries;
mod machine;
mod watch;

use connect_swap_sandbox::servers::Database;
use connect_swap_sandbox::{Fault, FaultKind};
use connect_swap_tests::{Scene, shared_sandbox_with};
use secrecy::ExposeSecret;
use serde_json::json;

use canaries::{indiscreet, plant};
use machine::Machine;

/// The next request of this kind is refused, in words that quote secrets.
fn refuse(scene: &Scene, method: &str, path: &str) {
    let body = json!({ "id": "invalid_params", "message": indiscreet(scene) });
    let kind = FaultKind::ErrorBefore { status: 422, body };
    let fault = Fault::once(method, path, kind);
    scene.sandbox.add_fault(fault).unwrap();
}

/// Heroku's words came through, without what is secret in them.
#[track_caller]
fn quotes(told: &str) {
    assert!(
        told.contains("KANARIENVOGEL [redacted] postgres://"),
        "{told}"
    );
}

async fn as_superuser(database: &Database, sql: &str) {
    let admin = database.server.admin("postgres").await.unwrap();
    admin.batch_execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_swap_lets_no_secret_out() {
    shared_sandbox_with(plant).await;
    let scene = Scene::new().await;
    let app = scene.app.as_str();
    let old = scene.sandbox.database(app, "DATABASE").unwrap();
    let addons = scene
        .somebody()
        .platform()
        .addons(&scene.target().app)
        .await
        .unwrap();
    let names = addons.iter().map(|addon| addon.name.to_string());
    let (connect, database): (Vec<_>, Vec<_>) =
        names.partition(|name| name.starts_with("herokuconnect"));
    scene
        .sandbox
        .add_credential(&database[0], "reporting")
        .await
        .unwrap();
    let mut machine = Machine::new(&scene);
    machine.canaries.learn(&scene).await;
    assert_eq!(machine.canaries.count(), 5, "{:?}", machine.canaries);
    let add = "--add Account.Industry";

    for form in ["--plain", "--json", "--events"] {
        machine.run(&format!("plan {add} {form}"), 0);
        refuse(&scene, "GET", &format!("^/apps/{app}/addons$"));
        quotes(&machine.run(&format!("plan {add} {form}"), 1));
    }
    // Refused before anything was made, and after.
    refuse(&scene, "POST", &format!("^/apps/{app}/addons$"));
    quotes(&machine.run(&format!("prep {add} --yes"), 5));
    machine.check_journal(&old).await;
    refuse(&scene, "POST", "/actions/import$");
    quotes(&machine.run(&format!("prep {add} --yes --events"), 5));
    machine.canaries.learn(&scene).await;
    assert!(machine.canaries.count() > 5, "{:?}", machine.canaries);
    machine.run(&format!("prep {add} --yes --json"), 0);
    machine.check_journal(&old).await;

    // A wrong password, and a database that takes nobody.
    let (role, name) = (&old.role, &old.name);
    as_superuser(&old, &format!("ALTER ROLE {role} PASSWORD 'KANARI-other'")).await;
    for form in ["--plain", "--json"] {
        let told = machine.run(&format!("status {form}"), 0);
        assert!(told.contains("28P01"), "{told}");
        machine.run(&format!("cutover {form}"), 1);
    }
    let password = old.password.expose_secret();
    as_superuser(&old, &format!("ALTER ROLE {role} PASSWORD '{password}'")).await;
    as_superuser(
        &old,
        &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
    )
    .await;
    machine.run("status --events", 0);
    machine.run("rollback", 1);
    as_superuser(
        &old,
        &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"),
    )
    .await;

    machine.run("follow --once", 0);
    machine.run("status", 0);
    machine.run("status --json", 0);
    let acks = "--ack manual-settings --ack feature-flags-differ --yes";
    let cutover = format!("cutover {acks} --confirm {app}");
    refuse(&scene, "POST", "^/addon-attachments$");
    quotes(&machine.run(&cutover, 7));
    machine.check_journal(&old).await;
    machine.run(&format!("{cutover} --events"), 0);
    machine.run("verify --json", 0);
    machine.run("verify", 0);
    for form in ["--plain", "--json", "--events"] {
        quotes(&machine.run(&format!("report {form}"), 0));
    }
    machine.run(&format!("rollback --yes --confirm {app}"), 3);
    let destroy = format!("--yes --confirm {} --confirm {}", database[0], connect[0]);
    refuse(&scene, "DELETE", "^/apps/[^/]+/addons/");
    quotes(&machine.run(&format!("cleanup {destroy}"), 5));
    machine.run(&format!("cleanup {destroy} --json"), 0);
    let new = scene.sandbox.database(app, "DATABASE").unwrap();
    assert_ne!(new.location(), old.location());
    machine.check_journal(&new).await;

    let calls = machine.calls();
    assert!(
        calls.contains("pg_dump --format") && calls.contains("pg_restore"),
        "{calls}"
    );
    machine
        .canaries
        .are_not_in("the client programs' arguments", &calls);
}
