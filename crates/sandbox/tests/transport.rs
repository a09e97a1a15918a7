//! The port itself: tokens, headers, budget, log and faults.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use connect_swap_sandbox::{Fault, FaultKind, Sandbox, SandboxOptions};
use reqwest::{Method, StatusCode};
use serde_json::json;
use support::{app, client, get, patch, sandbox, send, token, until};

#[tokio::test]
async fn strangers_are_turned_away() {
    let url = format!("{}/account", sandbox().url());
    let accept = "application/vnd.heroku+json; version=3";
    for request in [
        client().get(&url),
        client().get(&url).bearer_auth("undefined"),
    ] {
        let answer = request.header("Accept", accept).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let body = answer.json::<serde_json::Value>().await.unwrap();
        assert_eq!(body["id"], "unauthorized");
    }
}

#[tokio::test]
async fn the_variant_must_be_named() {
    let url = format!("{}/account", sandbox().url());
    let answer = client()
        .get(url)
        .bearer_auth(token())
        .header("Accept", "*/*")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_token_can_expire() {
    sandbox().add_token("short-lived".into());
    let ask = async || {
        let url = format!("{}/account", sandbox().url());
        let request = client().get(url).bearer_auth("short-lived");
        let request = request.header("Accept", "application/vnd.heroku+json; version=3");
        request.send().await.unwrap().status()
    };
    assert_eq!(ask().await, StatusCode::OK);
    sandbox().revoke_token("short-lived");
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_request_budget_runs_out() {
    // A sandbox of its own: the budget is one for all.
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let ask = async |path: &str| {
        let request = client()
            .get(format!("{}{path}", sandbox.url()))
            .bearer_auth(token());
        let request = request.header("Accept", "application/vnd.heroku+json; version=3");
        request.send().await.unwrap()
    };
    assert_eq!(
        ask("/account").await.headers()["RateLimit-Remaining"],
        "4499"
    );
    sandbox.set_rate_limit_remaining(1);
    assert_eq!(ask("/account").await.status(), StatusCode::OK);
    let refused = ask("/account").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        refused.json::<serde_json::Value>().await.unwrap()["id"],
        "rate_limit"
    );
    assert_eq!(ask("/account/rate-limits").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_are_written_down_without_the_token() {
    let app = app().await;
    let path = format!("/apps/{app}/config-vars");
    let headers = [("Request-Id", "11111111-2222-4333-8444-555555555555, older")];
    let body = json!({ "LOGGED": "yes" });
    let answer = send(Method::PATCH, &path, Some(body.clone()), &headers).await;
    assert_eq!(
        answer.headers["Request-Id"],
        "11111111-2222-4333-8444-555555555555"
    );
    let logged = sandbox()
        .requests()
        .into_iter()
        .find(|request| request.path == path)
        .unwrap();
    assert_eq!(logged.method, "PATCH");
    assert_eq!(logged.body, Some(body));
    assert_eq!(logged.status, Some(200));
    let shown = reqwest::get(format!("{}/_sandbox/requests", sandbox().url()))
        .await
        .unwrap();
    let shown = shown.text().await.unwrap();
    assert!(shown.contains(&path) && !shown.contains(&token()));
}

#[tokio::test]
async fn faults_before_do_nothing_and_faults_after_did_everything() {
    let app = app().await;
    let path = format!("/apps/{app}$");
    let maintenance = async || get(&format!("/apps/{app}")).await["maintenance"].clone();
    let turn_on = async || patch(&format!("/apps/{app}"), json!({ "maintenance": true })).await;
    let error = json!({ "id": "oops", "message": "Oops." });
    let before = FaultKind::ErrorBefore {
        status: 503,
        body: error.clone(),
    };
    sandbox()
        .add_fault(Fault::once("PATCH", &path, before))
        .unwrap();
    let answer = turn_on().await;
    assert_eq!((answer.status.as_u16(), &answer.json), (503, &error));
    assert_eq!(maintenance().await, false);

    let after = FaultKind::ErrorAfter {
        status: 503,
        body: error,
    };
    sandbox()
        .add_fault(Fault::once("PATCH", &path, after))
        .unwrap();
    assert_eq!(turn_on().await.status.as_u16(), 503);
    assert_eq!(maintenance().await, true);
    assert_eq!(turn_on().await.status, StatusCode::OK, "used up");
}

#[tokio::test]
async fn connections_break_in_every_way() {
    let app = app().await;
    let path = format!("/apps/{app}/config-vars");
    let kinds = [
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::TruncatedBody,
    ];
    for kind in kinds {
        sandbox()
            .add_fault(Fault::once("GET", &path, kind.clone()))
            .unwrap();
        let request = client()
            .get(format!("{}{path}", sandbox().url()))
            .bearer_auth(token());
        let request = request.header("Accept", "application/vnd.heroku+json; version=3");
        let outcome = match request.send().await {
            Ok(answer) => answer.bytes().await.map(drop),
            Err(error) => Err(error),
        };
        assert!(outcome.is_err(), "{kind:?}");
    }
    sandbox()
        .add_fault(Fault::once("GET", &path, FaultKind::MalformedJson))
        .unwrap();
    let answer = client()
        .get(format!("{}{path}", sandbox().url()))
        .bearer_auth(token())
        .send();
    let text = answer.await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
}

#[tokio::test]
async fn a_hanging_request_is_answered_by_nobody() {
    let app = app().await;
    let path = format!("/apps/{app}/dynos");
    let id = sandbox()
        .add_fault(Fault::once("GET", &path, FaultKind::HangBefore))
        .unwrap();
    let request = client()
        .get(format!("{}{path}", sandbox().url()))
        .bearer_auth(token());
    // Both at once: the request is still without an answer when the fault has struck it.
    let struck = until("the fault has struck", async || {
        let waiting = sandbox().faults();
        (!waiting.iter().any(|fault| fault.id == id)).then_some(())
    });
    let unanswered = std::time::Duration::from_secs(2);
    let (error, ()) = tokio::join!(request.timeout(unanswered).send(), struck);
    assert!(error.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_while_of_refusals_is_counted_in_requests() {
    let app = app().await;
    let path = format!("/apps/{app}/formation");
    sandbox()
        .add_fault(
            Fault::once("GET", &path, FaultKind::RateLimited)
                .times(2)
                .after(1),
        )
        .unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(send(Method::GET, &path, None, &[]).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 429, 429, 200]);
}
