//! The control API over HTTP, as a person with `curl` uses it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use connect_swap_sandbox::{AppSpec, ProcessSpec, Workload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{app, app_of, client, get, patch, sandbox, until};

async fn control(method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let mut request = client().request(method, format!("{}/_sandbox{path}", sandbox().url()));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn an_app_can_be_looked_at_and_audited() {
    let app = app().await;
    until("it has written", async || {
        let (_, audit) = control(Method::GET, &format!("/apps/{app}/audit"), None).await;
        (audit["acknowledged"].as_u64()? > 10).then_some(())
    })
    .await;
    let (_, summary) = control(Method::GET, &format!("/apps/{app}"), None).await;
    assert_eq!(summary["formation"]["web"]["quantity"], 2);
    assert_eq!(summary["attachments"][0]["name"], "DATABASE");
    let (_, overview) = control(Method::GET, "", None).await;
    assert!(overview["apps"].as_array().unwrap().contains(&json!(app)));
    assert_eq!(
        control(Method::GET, "/apps/nobody", None).await.0,
        StatusCode::NOT_FOUND
    );
    let logged = sandbox().requests();
    assert!(
        logged
            .iter()
            .all(|request| !request.path.starts_with("/_sandbox"))
    );
}

#[tokio::test]
async fn a_fault_is_added_listed_and_removed() {
    let app = app().await;
    let fault = json!({
        "method": "GET", "path": format!("/apps/{app}/dynos"), "times": null,
        "kind": "error-before", "status": 500, "body": { "id": "internal", "message": "No." },
    });
    let (status, added) = control(Method::POST, "/faults", Some(fault)).await;
    assert_eq!(status, StatusCode::CREATED);
    for _ in 0..3 {
        assert_eq!(get(&format!("/apps/{app}/dynos")).await["id"], "internal");
    }
    let (_, all) = control(Method::GET, "/faults", None).await;
    assert!(
        all.as_array()
            .unwrap()
            .iter()
            .any(|fault| fault["id"] == added["id"])
    );
    let path = format!("/faults/{}", added["id"]);
    assert_eq!(
        control(Method::DELETE, &path, None).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        control(Method::DELETE, &path, None).await.0,
        StatusCode::NOT_FOUND
    );
    assert!(get(&format!("/apps/{app}/dynos")).await.is_array());
    let nonsense = json!({ "path": "(", "kind": "not-found" });
    let (status, _) = control(Method::POST, "/faults", Some(nonsense)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn heroku_can_be_told_how_to_treat_an_app() {
    let mut formation = AppSpec::default().formation;
    formation.push(ProcessSpec::new("release", 0));
    let app = app_of(AppSpec {
        formation,
        workload: Some(Workload::default()),
        ..AppSpec::default()
    })
    .await;
    let put = async |path: &str, body: Value| {
        control(Method::PUT, &format!("/apps/{app}/{path}"), Some(body))
            .await
            .0
    };
    assert_eq!(
        put("release-phase", json!({ "seconds": 1, "outcome": "hangs" })).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        put("provisioning", json!({ "outcome": "hangs" })).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        put("dyno-delays", json!({ "start": 0.5, "stop": -1 })).await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        put("dyno-delays", json!({ "start": 0.5, "stop": 2 })).await,
        StatusCode::NO_CONTENT
    );
    patch(&format!("/apps/{app}/config-vars"), json!({ "A": "b" })).await;
    let dynos = until("the release phase runs", async || {
        let dynos = get(&format!("/apps/{app}/dynos")).await;
        let phase = |dyno: &Value| dyno["type"] == "release";
        dynos.as_array().unwrap().iter().any(phase).then_some(dynos)
    })
    .await;
    assert!(
        dynos
            .as_array()
            .unwrap()
            .iter()
            .all(|dyno| dyno["release"]["version"] != 0)
    );
    let path = format!("/apps/{app}/one-off");
    let (status, _) = control(Method::POST, &path, Some(json!({ "type": "run" }))).await;
    assert_eq!(status, StatusCode::CREATED);
}
