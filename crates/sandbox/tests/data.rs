//! The Data API: a database that is not known yet, then waits, then is there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use connect_swap_sandbox::{Provisioning, ProvisioningOutcome};
use reqwest::{Method, StatusCode};
use serde_json::json;
use support::{app, client, get, new_database, post, sandbox, send, token, until};

#[tokio::test]
async fn a_new_database_is_unknown_then_waits_then_is_ready() {
    let app = app().await;
    let rule = Provisioning {
        seconds: Some(60),
        outcome: ProvisioningOutcome::Succeeds,
    };
    sandbox().set_provisioning(&app, rule).unwrap();
    let body =
        json!({ "plan": "heroku-postgresql:standard-0", "attachment": { "name": "NEW_DATABASE" } });
    let id = post(&format!("/apps/{app}/addons"), body).await.json["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/client/v11/databases/{id}/wait_status");
    let first = send(Method::GET, &path, None, &[]).await;
    assert_eq!(
        (first.status, first.json),
        (StatusCode::NOT_FOUND, json!({ "error": "not found" }))
    );
    until("it is waiting", async || {
        (get(&path).await["waiting?"] == true).then_some(())
    })
    .await;
    until("it is ready", async || {
        (get(&path).await["waiting?"] == false).then_some(())
    })
    .await;
    let database = sandbox().database(&app, "NEW_DATABASE").unwrap();
    database.connect("test").await.unwrap();
}

#[tokio::test]
async fn a_database_tells_about_itself() {
    let app = app().await;
    let addon = new_database(&app, "NEW_DATABASE").await;
    let id = addon["id"].as_str().unwrap();
    let path = format!("/client/v11/databases/{id}");
    let info = until("it is known", async || {
        let info = get(&path).await;
        (info["waiting?"] == false).then_some(info)
    })
    .await;
    let row = |name: &str| {
        let rows = info["info"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap()["values"][0]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(row("Status"), "Available");
    let major = sandbox()
        .database(&app, "NEW_DATABASE")
        .unwrap()
        .server
        .major();
    assert!(row("PG Version").starts_with(&major.to_string()));
    assert_eq!(
        info["resource_url"],
        sandbox().config_vars(&app)["NEW_DATABASE_URL"]
    );
    assert!(info["following"].is_null());
    sandbox()
        .set_following(addon["name"].as_str().unwrap(), Some("postgres://leader"))
        .unwrap();
    assert_eq!(get(&path).await["following"], "postgres://leader");
    assert_eq!(
        get("/client/v11/databases/nobody").await["error"],
        "not found"
    );
}

#[tokio::test]
async fn credentials_are_shown_to_basic_auth() {
    let app = app().await;
    let addon =
        get(&format!("/apps/{app}/addon-attachments/DATABASE")).await["addon"]["name"].clone();
    let addon = addon.as_str().unwrap();
    sandbox().add_credential(addon, "reports").await.unwrap();
    let url = format!(
        "{}/postgres/v0/databases/{addon}/credentials",
        sandbox().url()
    );
    let answer = client()
        .get(url)
        .basic_auth("", Some(token()))
        .send()
        .await
        .unwrap();
    let all = answer.json::<serde_json::Value>().await.unwrap();
    assert_eq!([&all[0]["name"], &all[1]["name"]], ["default", "reports"]);
    assert_eq!(all[0]["credentials"][0]["state"], "active");
}
