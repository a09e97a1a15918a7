//! The Platform API: add-ons, attachments, releases, dynos, as the real commands meet them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use connect_swap_sandbox::{
    AppSpec, ProcessSpec, Provisioning, ProvisioningOutcome, ReleaseOutcome, ReleasePhase, Workload,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use support::{
    app, app_of, delete, get, new_database, patch, post, releases, sandbox, send, until,
};

async fn dynos(app: &str) -> Vec<Value> {
    get(&format!("/apps/{app}/dynos"))
        .await
        .as_array()
        .unwrap()
        .clone()
}

async fn all_up(app: &str, count: usize) {
    until("all dynos are up", async || {
        let dynos = dynos(app).await;
        let up = dynos.iter().all(|dyno| dyno["state"] == "up");
        (up && dynos.len() == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_new_database_takes_its_time_and_makes_two_releases() {
    let app = app().await;
    let body = json!({
        "plan": { "name": "heroku-postgresql:standard-0" },
        "attachment": { "name": "NEW_DATABASE" },
        "config": { "version": sandbox().database(&app, "DATABASE").unwrap().server.major() },
    });
    let created = post(&format!("/apps/{app}/addons"), body).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.json["state"], "provisioning");
    assert_eq!(created.json["billed_price"]["cents"], 5000);
    let vars = get(&format!("/apps/{app}/config-vars")).await;
    assert!(
        vars.get("NEW_DATABASE_URL").is_none(),
        "no config var before it is provisioned"
    );

    let name = created.json["name"].as_str().unwrap();
    let addon = until("provisioned", async || {
        let addon = get(&format!("/apps/{app}/addons/{name}")).await;
        (addon["state"] == "provisioned").then_some(addon)
    })
    .await;
    assert_eq!(addon["config_vars"], json!(["NEW_DATABASE_URL"]));
    let vars = get(&format!("/apps/{app}/config-vars")).await;
    assert_ne!(vars["NEW_DATABASE_URL"], vars["DATABASE_URL"]);
    let releases = releases(&app).await;
    assert_eq!(
        releases[releases.len() - 2..],
        [
            format!("Attach NEW_DATABASE (@ref:{name})"),
            format!("@ref:{name} completed provisioning, setting NEW_DATABASE_URL."),
        ]
    );
    let old = sandbox().database(&app, "DATABASE").unwrap();
    let new = sandbox().database(&app, "NEW_DATABASE").unwrap();
    assert_ne!(
        old.server.port(),
        new.server.port(),
        "old and new never share a server"
    );
}

#[tokio::test]
async fn provisioning_can_fail() {
    let app = app().await;
    let rule = Provisioning {
        seconds: Some(1),
        outcome: ProvisioningOutcome::Fails,
    };
    sandbox().set_provisioning(&app, rule).unwrap();
    let body = json!({ "plan": "heroku-postgresql:standard-0", "name": format!("{app}-new") });
    post(&format!("/apps/{app}/addons"), body).await;
    until("it is given up", async || {
        let addon = get(&format!("/apps/{app}/addons/{app}-new")).await;
        (addon["state"] == "deprovisioned").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_taken_attachment_name_needs_the_apps_name_as_confirmation() {
    let app = app().await;
    new_database(&app, "NEW_DATABASE").await;
    let path = format!("/apps/{app}/addons");
    let body =
        json!({ "plan": "heroku-postgresql:standard-0", "attachment": { "name": "DATABASE" } });
    let refused = post(&path, body.clone()).await;
    assert_eq!(refused.status, StatusCode::LOCKED);
    assert_eq!(refused.json["id"], "confirmation_required");
    assert_eq!(refused.headers["X-Confirmation-Required"], app.as_str());
    let mut wrong = body;
    wrong["confirm"] = "someone-else".into();
    assert_eq!(post(&path, wrong).await.json["id"], "confirmation_required");
}

#[tokio::test]
async fn names_plans_and_versions_are_checked() {
    let app = app().await;
    let path = format!("/apps/{app}/addons");
    let taken = sandbox()
        .create_app(AppSpec {
            launch: false,
            ..AppSpec::default()
        })
        .await
        .unwrap();
    let name = get(&format!("/apps/{taken}/addons")).await[0]["name"].clone();
    let named = post(
        &path,
        json!({ "plan": "heroku-postgresql:standard-0", "name": name }),
    )
    .await;
    assert_eq!(
        (named.status, &named.json["id"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_params"))
    );
    let plan = post(&path, json!({ "plan": "heroku-postgresql:gold" })).await;
    assert_eq!(
        (plan.status, &plan.json["resource"]),
        (StatusCode::NOT_FOUND, &json!("plan"))
    );
    let version = json!({ "plan": "heroku-postgresql:standard-0", "config": { "version": "9.6" } });
    assert_eq!(
        post(&path, version).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn promotion_moves_the_attachment_in_two_releases() {
    let app = app().await;
    let new = new_database(&app, "NEW_DATABASE").await;
    let old =
        get(&format!("/apps/{app}/addon-attachments/DATABASE")).await["addon"]["name"].clone();
    let promote = json!({
        "addon": { "name": new["name"] }, "app": { "name": app }, "confirm": app,
        "name": "DATABASE", "namespace": null,
    });
    let refused = post("/addon-attachments", promote.clone()).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the old one would be billed for nothing"
    );

    let alias = json!({ "addon": { "name": old }, "app": { "name": app }, "confirm": app, "namespace": null });
    let alias = post("/addon-attachments", alias).await;
    assert!(
        alias.json["name"]
            .as_str()
            .unwrap()
            .starts_with("HEROKU_POSTGRESQL_")
    );
    let promoted = post("/addon-attachments", promote).await;
    assert_eq!(promoted.status, StatusCode::CREATED, "{}", promoted.json);
    let vars = get(&format!("/apps/{app}/config-vars")).await;
    assert_eq!(vars["DATABASE_URL"], vars["NEW_DATABASE_URL"]);
    let releases = releases(&app).await;
    assert_eq!(
        releases[releases.len() - 2..],
        [
            format!("Detach DATABASE (@ref:{})", old.as_str().unwrap()),
            format!("Attach DATABASE (@ref:{})", new["name"].as_str().unwrap()),
        ]
    );
}

#[tokio::test]
async fn between_detach_and_attach_there_is_no_database_url() {
    let app = app().await;
    let new = new_database(&app, "NEW_DATABASE").await;
    let old =
        get(&format!("/apps/{app}/addon-attachments/DATABASE")).await["addon"]["name"].clone();
    post(
        "/addon-attachments",
        json!({ "addon": old, "app": app, "name": "OLD_DATABASE" }),
    )
    .await;
    let promote = json!({ "addon": new["name"], "app": app, "confirm": app, "name": "DATABASE" });
    let (promoted, absent) = tokio::join!(
        post("/addon-attachments", promote),
        until("the moment without", async || {
            let vars = sandbox().config_vars(&app);
            (!vars.contains_key("DATABASE_URL")).then_some(())
        })
    );
    let () = absent;
    assert_eq!(promoted.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_last_billing_attachment_stays() {
    let app = app().await;
    let id = get(&format!("/apps/{app}/addon-attachments/DATABASE")).await["id"].clone();
    let refused = delete(&format!("/addon-attachments/{}", id.as_str().unwrap())).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.json["message"]
            .as_str()
            .unwrap()
            .contains("last billing attachment")
    );
}

#[tokio::test]
async fn a_shared_add_on_is_destroyed_only_by_force() {
    let (app, other) = (app().await, app().await);
    let new = new_database(&app, "NEW_DATABASE").await;
    let name = new["name"].as_str().unwrap();
    let database = sandbox().database(&app, "NEW_DATABASE").unwrap();
    post(
        "/addon-attachments",
        json!({ "addon": name, "app": other, "name": "SHARED" }),
    )
    .await;
    assert!(sandbox().config_vars(&other).contains_key("SHARED_URL"));
    let path = format!("/apps/{app}/addons/{name}");
    assert_eq!(delete(&path).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let gone = send(Method::DELETE, &path, Some(json!({ "force": true })), &[]).await;
    assert_eq!(gone.json["state"], "deprovisioned");
    assert_eq!(
        send(Method::GET, &path, None, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(!sandbox().config_vars(&other).contains_key("SHARED_URL"));
    until("the database is dropped", async || {
        database.admin().await.is_err().then_some(())
    })
    .await;
}

#[tokio::test]
async fn credentials_and_the_pooler_are_attached_by_namespace() {
    let app = app().await;
    let addon =
        get(&format!("/apps/{app}/addon-attachments/DATABASE")).await["addon"]["name"].clone();
    let addon = addon.as_str().unwrap();
    let attach = async |name: &str, namespace: &str| {
        let body = json!({ "addon": addon, "app": app, "name": name, "namespace": namespace });
        post("/addon-attachments", body).await.status
    };
    assert_eq!(
        attach("REPORTS", "credential:reports").await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    sandbox().add_credential(addon, "reports").await.unwrap();
    assert_eq!(
        attach("REPORTS", "credential:reports").await,
        StatusCode::CREATED
    );
    let pool = attach("DATABASE_CONNECTION_POOL", "connection-pooling:default").await;
    assert_eq!(pool, StatusCode::CREATED);
    let vars = sandbox().config_vars(&app);
    assert_ne!(vars["REPORTS_URL"], vars["DATABASE_URL"]);
    assert_eq!(vars["DATABASE_CONNECTION_POOL_URL"], vars["DATABASE_URL"]);
}

#[tokio::test]
async fn scaling_takes_numbers_and_text_and_dynos_linger() {
    let app = app().await;
    all_up(&app, 3).await;
    let path = format!("/apps/{app}/formation");
    sandbox()
        .set_dyno_delays(&app, Duration::from_secs(1), Duration::from_secs(1200))
        .unwrap();
    let updates = json!({ "updates": [
        { "type": "web", "quantity": "0" }, { "type": "worker", "quantity": 0 },
    ]});
    let scaled = patch(&path, updates).await;
    assert_eq!(scaled.json[0]["quantity"], 0);
    assert_eq!(dynos(&app).await.len(), 3, "scaled to 0 is not stopped");
    all_up(&app, 0).await;
    let updates = json!({ "updates": [
        { "type": "web", "quantity": "+2", "dyno_size": { "name": "Standard-2X" } },
        { "type": "worker", "quantity": 1, "size": "standard-2x" },
    ]});
    let scaled = patch(&path, updates).await;
    assert_eq!(scaled.json[0]["dyno_size"]["name"], "Standard-2X");
    assert_eq!(scaled.json[1]["size"], "Standard-2X");
    all_up(&app, 3).await;
    let nonsense = patch(
        &path,
        json!({ "updates": [{ "type": "clock", "quantity": 1 }] }),
    )
    .await;
    assert_eq!(nonsense.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_one_off_dyno_survives_scaling_and_restarts() {
    let app = app().await;
    sandbox().run_one_off(&app, "scheduler").unwrap();
    sandbox().scale(&app, "web", 0).unwrap();
    sandbox().scale(&app, "worker", 0).unwrap();
    all_up(&app, 1).await;
    assert_eq!(
        delete(&format!("/apps/{app}/dynos")).await.status,
        StatusCode::ACCEPTED
    );
    let left = dynos(&app).await;
    assert_eq!(left[0]["type"], "scheduler");
    let name = left[0]["name"].as_str().unwrap();
    post(&format!("/apps/{app}/dynos/{name}/actions/stop"), json!({})).await;
    all_up(&app, 0).await;
}

#[tokio::test]
async fn config_vars_make_releases_and_attached_ones_are_protected() {
    let app = app().await;
    let path = format!("/apps/{app}/config-vars");
    let before = releases(&app).await.len();
    assert_eq!(
        patch(&path, json!({ "COLOR": "red" })).await.json["COLOR"],
        "red"
    );
    patch(&path, json!({ "COLOR": "red" })).await;
    assert_eq!(
        releases(&app).await.len(),
        before + 1,
        "an equal value makes no release"
    );
    assert!(
        patch(&path, json!({ "COLOR": null }))
            .await
            .json
            .get("COLOR")
            .is_none()
    );
    assert_eq!(
        patch(&path, json!({ "DATABASE_URL": "x" })).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    until("dynos run the newest release", async || {
        let dynos = dynos(&app).await;
        let newest = dynos
            .iter()
            .all(|dyno| dyno["release"]["version"] == before + 2);
        (newest && dynos.len() == 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_failed_release_phase_leaves_the_old_dynos() {
    let mut formation = AppSpec::default().formation;
    formation.push(ProcessSpec::new("release", 0));
    let app = app_of(AppSpec {
        formation,
        workload: Some(Workload::default()),
        ..AppSpec::default()
    })
    .await;
    all_up(&app, 3).await;
    let before = dynos(&app).await[0]["release"]["version"].clone();
    let phase = ReleasePhase {
        takes: Duration::from_secs(30),
        outcome: ReleaseOutcome::Fails,
    };
    sandbox().set_release_phase(&app, phase).unwrap();
    patch(
        &format!("/apps/{app}/config-vars"),
        json!({ "COLOR": "red" }),
    )
    .await;
    let newest = async || {
        let range = [("Range", "version ..; max=1, order=desc")];
        send(Method::GET, &format!("/apps/{app}/releases"), None, &range)
            .await
            .json[0]
            .clone()
    };
    assert_eq!(newest().await["status"], "pending");
    until("the phase has failed", async || {
        (newest().await["status"] == "failed").then_some(())
    })
    .await;
    assert_eq!(newest().await["current"], false);
    assert!(newest().await["output_stream_url"].is_string());
    all_up(&app, 3).await;
    assert!(
        dynos(&app)
            .await
            .iter()
            .all(|dyno| dyno["release"]["version"] == before)
    );
    assert_eq!(
        sandbox().config_vars(&app)["COLOR"],
        "red",
        "the config var stays all the same"
    );
}

#[tokio::test]
async fn releases_come_in_parts() {
    let app = app().await;
    for number in 0..9 {
        patch(
            &format!("/apps/{app}/config-vars"),
            json!({ "N": number.to_string() }),
        )
        .await;
    }
    let path = format!("/apps/{app}/releases");
    let mut range = "version ..; max=5, order=desc".to_owned();
    let mut versions = Vec::new();
    loop {
        let part = send(Method::GET, &path, None, &[("Range", &range)]).await;
        let shown = part
            .json
            .as_array()
            .unwrap()
            .iter()
            .map(|each| each["version"].as_u64().unwrap());
        versions.extend(shown);
        match part.headers.get("Next-Range") {
            Some(next) => {
                assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
                range = next.to_str().unwrap().to_owned();
            }
            None => break,
        }
    }
    assert_eq!(versions, (1..=12).rev().collect::<Vec<_>>());
    let bad = send(Method::GET, &path, None, &[("Range", "colour ..")]).await;
    assert_eq!(bad.status, StatusCode::RANGE_NOT_SATISFIABLE);
}

#[tokio::test]
async fn words_are_resolved_to_add_ons_and_attachments() {
    let app = app().await;
    new_database(&app, "NEW_DATABASE").await;
    let inclusion = [("Accept-Inclusion", "addon:plan,config_vars")];
    let body = json!({ "addon_attachment": "NEW_DATABASE", "app": app });
    let path = "/actions/addon-attachments/resolve";
    let found = send(Method::POST, path, Some(body), &inclusion).await.json;
    assert_eq!(found[0]["config_vars"], json!(["NEW_DATABASE_URL"]));
    assert_eq!(
        found[0]["addon"]["plan"]["name"],
        "heroku-postgresql:standard-0"
    );
    let addon = json!({ "addon": "HEROKUCONNECT", "app": app });
    let found = post("/actions/addons/resolve", addon).await.json;
    assert_eq!(found[0]["plan"]["name"], "herokuconnect:enterprise");
    let nothing = post(path, json!({ "addon_attachment": "NOPE", "app": app })).await;
    assert_eq!(
        (nothing.status, &nothing.json["id"]),
        (StatusCode::NOT_FOUND, &json!("not_found"))
    );
}

#[tokio::test]
async fn a_configured_connection_sets_its_config_var_with_a_release() {
    let app = app().await;
    post(&format!("/auth/{app}"), json!({})).await;
    let found = get(&format!("/connections?app={app}")).await["results"][0].clone();
    let path = format!("/api/v3/connections/{}", found["id"].as_str().unwrap());
    let database = json!({ "db_key": "DATABASE_URL", "schema_name": "salesforce" });
    assert_eq!(patch(&path, database.clone()).await.status, StatusCode::OK);
    let vars = sandbox().config_vars(&app);
    assert_eq!(vars["HEROKUCONNECT_URL"], "DATABASE_URL:salesforce");
    let count = releases(&app).await.len();
    patch(&path, database).await;
    assert_eq!(
        releases(&app).await.len(),
        count,
        "nothing changed, no release"
    );
}
