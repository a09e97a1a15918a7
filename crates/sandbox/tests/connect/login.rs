//! The way to Salesforce.

use serde_json::{Value, json};

use super::support::Bench;
use connect_swap_sandbox::connect::{Login, PUBLIC_PREFIX};
use connect_swap_sandbox::servers::Generation;

async fn placed(bench: &Bench) -> String {
    bench.database("DATABASE_URL", Generation::Old).await;
    bench
        .connect
        .addon_created(bench.addon("herokuconnect-new-1", "enterprise"));
    bench.post("/auth/demo", Value::Null).await;
    let id = bench
        .connect
        .connection_id("herokuconnect-new-1")
        .unwrap()
        .to_string();
    let too_early = bench
        .post(
            &format!("/api/v3/connections/{id}/authorize_url"),
            json!({}),
        )
        .await;
    assert_eq!(too_early.status, 409);
    let set = json!({"db_key": "DATABASE_URL", "schema_name": "salesforce"});
    let answer = bench
        .send(
            reqwest::Method::PATCH,
            &format!("/api/v3/connections/{id}"),
            set,
        )
        .await;
    assert_eq!(answer.json["state"], "NEED_AUTHENTICATION");
    assert_eq!(
        bench
            .connect
            .config_var_value("herokuconnect-new-1")
            .as_deref(),
        Some("DATABASE_URL:salesforce")
    );
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_has_a_button_and_the_button_sends_the_browser_on() {
    let bench = Bench::start().await;
    let id = placed(&bench).await;
    let body = json!({"environment": "sandbox", "next": "http://localhost:18000"});
    let answer = bench
        .post(&format!("/api/v3/connections/{id}/authorize_url"), body)
        .await;
    let redirect = answer.json["redirect"]
        .as_str()
        .unwrap()
        .strip_prefix(&bench.base)
        .unwrap()
        .to_owned();
    assert!(redirect.starts_with(PUBLIC_PREFIX));
    assert!(
        bench
            .get(&redirect)
            .await
            .text
            .contains("<button>Allow</button>")
    );
    assert_eq!(bench.deep(&id).await["state"], "NEED_AUTHENTICATION");
    assert_eq!(bench.post(&redirect, Value::Null).await.status, 303);
    let body = bench.deep(&id).await;
    assert_eq!(
        (&body["state"], &body["sf_info"]["environment"]),
        (&json!("IDLE"), &json!("sandbox"))
    );
    assert!(body["auth_updated"].is_string());
    assert_eq!(
        bench.post(&redirect, Value::Null).await.status,
        404,
        "a login serves once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_changes_nothing_and_a_wrong_one_shows_in_the_organisation() {
    let bench = Bench::start().await;
    let id = placed(&bench).await;
    let right = bench.connect.organisation_or_new("demo").info().id.clone();
    let redirect = bench.login_url(&id).await;
    bench.get(&format!("{redirect}/deny")).await;
    assert_eq!(bench.deep(&id).await["state"], "NEED_AUTHENTICATION");

    let redirect = bench.login_url(&id).await;
    bench.get(&format!("{redirect}/other")).await;
    let body = bench.deep(&id).await;
    assert_eq!(body["state"], "IDLE");
    assert_ne!(body["organization_id"], right.as_str());

    bench.connect.change_behaviour("demo", |behaviour| {
        behaviour.login = Login::Allow;
        behaviour.login_without_asking = true;
    });
    let redirect = bench.login_url(&id).await;
    bench.get(&redirect).await;
    assert_eq!(bench.deep(&id).await["organization_id"], right.as_str());
}
