//! Every call of Connect, once: what goes out and what is made of the answer.

use connect_swap_heroku::Error;
use connect_swap_heroku::connect::{AuthorizeRequest, ConnectionState};
use serde_json::{Value, json};

use crate::samples::{CONNECTION, MAPPING, connected, connection, demo, mapping, summary};
use crate::scripted::{Reply, Scripted};

fn below(method: &str, path: &str) -> String {
    format!("{method} /api/v3/connections/{CONNECTION}{path}")
}

#[tokio::test]
async fn actions_take_any_success() {
    let server = Scripted::start().await;
    let connection = connected(&server, "PAUSED", json!([])).await;
    let heroku = server.heroku();
    for (status, body) in [(202, ""), (200, "{}"), (204, "")] {
        for action in ["pause", "resume", "restart"] {
            server.on(
                &below("POST", &format!("/actions/{action}")),
                [Reply::text(status, body)],
            );
        }
        heroku.connect().pause(&connection).await.unwrap();
        heroku.connect().resume(&connection).await.unwrap();
        heroku.connect().restart(&connection).await.unwrap();
        assert_eq!(server.last().body, "");
    }
    server.on(
        &format!("POST /api/v3/mappings/{MAPPING}/actions/reload"),
        [Reply::text(202, "")],
    );
    heroku
        .connect()
        .reload_mapping(&connection, &MAPPING.parse().unwrap())
        .await
        .unwrap();
    let last = server.last();
    assert_eq!(
        (
            last.headers["heroku-client"].as_str(),
            last.headers["accept"].as_str()
        ),
        ("cli", "application/json")
    );
}

#[tokio::test]
async fn the_database_is_set_and_the_connection_read_again() {
    let server = Scripted::start().await;
    let old = connected(&server, "PAUSED", json!([])).await;
    let heroku = server.heroku();
    server.always(&below("PATCH", ""), 200, json!({ "anything": 1 }));
    let mut now = connection("IDLE", json!([]));
    now["db_key"] = json!("NEW_DATABASE_URL");
    now["database"] = json!({ "host": "new-host", "database": "d1", "port": 5433 });
    server.always(&below("GET", ""), 200, now);
    let key = "NEW_DATABASE_URL".parse().unwrap();
    let new = heroku
        .connect()
        .set_database(&old, &key, "salesforce")
        .await
        .unwrap();
    assert_eq!(new.state, ConnectionState::Idle);
    assert_eq!(new.db_key.unwrap(), key);
    assert_eq!(new.database.unwrap().port, 5433);
    let seen = server.seen();
    let [.., patch, get] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(
        patch.json().unwrap(),
        json!({ "db_key": "NEW_DATABASE_URL", "schema_name": "salesforce" })
    );
    assert_eq!(
        (get.line(), get.query.as_str()),
        (below("GET", ""), "deep=true")
    );
    let settings = json!({ "features": { "poll_db_no_merge": false } });
    heroku
        .connect()
        .patch_settings(&old, &settings)
        .await
        .unwrap();
    assert_eq!(
        server.seen()[server.seen().len() - 2].json().unwrap(),
        settings
    );
}

#[tokio::test]
async fn an_accepted_change_that_cannot_be_read_back_is_not_taken_for_a_refused_one() {
    let server = Scripted::start().await;
    let connection = connected(&server, "PAUSED", json!([])).await;
    server.always(&below("PATCH", ""), 200, json!({}));
    server.on(
        &below("GET", ""),
        [Reply::error(401, "unauthorized", "expired")],
    );
    let key = "NEW_DATABASE_URL".parse().unwrap();
    let heroku = server.heroku();
    let error = heroku
        .connect()
        .set_database(&connection, &key, "salesforce")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unconfirmed { .. }), "{error:?}");
    assert!(error.needs_login() && !error.is_without_effect());
}

#[tokio::test]
async fn what_belongs_to_other_apps_may_be_odd() {
    let server = Scripted::start().await;
    let heroku = server.heroku();
    let odd = |app: &str| json!({ "id": "c-2", "app_name": app, "region_url": null });
    let granted = |app: &str| json!({ "connections": [odd(app), summary(&server.url(""))] });
    server.always("POST /auth/demo", 200, granted("elsewhere"));
    assert_eq!(
        heroku.connect().grant_access(&demo()).await.unwrap().len(),
        1
    );
    server.always("POST /auth/demo", 200, granted("demo"));
    let error = heroku.connect().grant_access(&demo()).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn the_authorisation_is_pinned_to_a_version() {
    let server = Scripted::start().await;
    let connection = connected(&server, "NEED_AUTHENTICATION", json!([])).await;
    let address = "https://connect-eu.heroku.com/authorize?state=x%2Fy";
    server.always(
        &below("POST", "/authorize_url"),
        201,
        json!({ "redirect": address }),
    );
    let request = AuthorizeRequest {
        environment: "production".into(),
        domain: None,
        api_version: Some("64.0".into()),
        next: Some("http://localhost:18000".into()),
    };
    let redirect = server
        .heroku()
        .connect()
        .authorize_url(&connection, &request)
        .await
        .unwrap();
    assert_eq!(redirect.as_str(), address);
    let sent = json!({ "environment": "production", "api_version": "64.0", "next": "http://localhost:18000" });
    assert_eq!(server.last().json().unwrap(), sent);
}

#[tokio::test]
async fn keys_and_fields_are_listed() {
    let server = Scripted::start().await;
    let connection = connected(&server, "IDLE", json!([])).await;
    let heroku = server.heroku();
    let keys = json!({ "db_keys": [{ "name": "DATABASE_URL", "addon": { "plan": "heroku-postgresql:standard-0" } }, { "name": "OTHER_URL", "addon": null }] });
    server.always("GET /api/v3/apps/demo", 200, keys);
    let keys = heroku
        .connect()
        .db_keys(&connection, &demo())
        .await
        .unwrap();
    assert_eq!(
        keys[0].addon_plan.as_deref(),
        Some("heroku-postgresql:standard-0")
    );
    assert_eq!(
        (keys[1].name.as_str(), keys[1].addon_plan.as_deref()),
        ("OTHER_URL", None)
    );
    let fields = json!({ "fields": [{ "name": "Id", "required": true, "type": "id" }, { "name": "Industry" }] });
    server.always(&below("GET", "/schemas/Account"), 200, fields);
    let fields = heroku
        .connect()
        .object_fields(&connection, "Account")
        .await
        .unwrap()
        .unwrap();
    assert!(fields[0].required && !fields[1].required);
    assert_eq!(fields[0].field_type.as_deref(), Some("id"));
    server.always(
        &below("GET", "/schemas/Nothing__c"),
        404,
        json!({ "error": "no" }),
    );
    assert_eq!(
        heroku
            .connect()
            .object_fields(&connection, "Nothing__c")
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn mappings_are_made_and_changed() {
    let server = Scripted::start().await;
    let config = json!({ "access": "read_write", "fields": { "Id": {} }, "revision": 7 });
    let connection = connected(
        &server,
        "IDLE",
        json!([mapping("DATA_SYNCED", config.clone())]),
    )
    .await;
    let heroku = server.heroku();
    server.always(
        &below("POST", "/mappings"),
        201,
        mapping("INITIAL", config.clone()),
    );
    let made = heroku
        .connect()
        .create_mapping(&connection, "Account", &config)
        .await
        .unwrap();
    assert!(made.state.is_loading());
    assert_eq!(
        server.last().json().unwrap(),
        json!({ "object_name": "Account", "config": config })
    );
    server.always(
        &format!("PUT /api/v3/mappings/{MAPPING}"),
        200,
        mapping("RESYNC", config.clone()),
    );
    heroku
        .connect()
        .update_mapping(&connection, &made.id, &config)
        .await
        .unwrap();
    let sent = server.last().json().unwrap();
    assert_eq!(
        sent,
        json!({ "object_name": "Account", "config": config, "revision": 7 })
    );
}

#[tokio::test]
async fn an_empty_configuration_is_no_text_trouble() {
    let server = Scripted::start().await;
    let connection = connected(&server, "IDLE", Value::Null).await;
    assert!(connection.mappings.is_empty());
    let text = "{\n    \"mappings\": [],   \"version\": 1.0, \"ü\": 1e3}\n";
    server.on(&below("GET", "/actions/export"), [Reply::text(200, text)]);
    assert_eq!(
        server.heroku().connect().export(&connection).await.unwrap(),
        text
    );
}
