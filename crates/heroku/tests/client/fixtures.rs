//! Real answers of Connect, from beside the repository.

use std::path::PathBuf;

use connect_swap_heroku::connect::{ConnectionState, ConnectionSummary, MappingAccess, WriteError};
use serde_json::{Value, json};

use crate::samples::{CONNECTION, connected, demo};
use crate::schema;
use crate::scripted::Scripted;

/// The file's text; nothing, said so, where third-party data is absent.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn fixture(name: &str) -> Option<(PathBuf, String)> {
    let Some(path) = schema::directory().map(|path| path.join("connect").join(name)) else {
        println!("skipped: {name} is not there");
        return None;
    };
    let text = std::fs::read_to_string(&path).unwrap();
    Some((path, text))
}

fn json_fixture(name: &str) -> Option<Value> {
    fixture(name).map(|(_, text)| serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn the_discovery_servers_answers_are_understood() {
    let (Some(granted), Some(found), Some(empty)) = (
        json_fixture("central_auth_app.json"),
        json_fixture("central_connections_search.json"),
        json_fixture("central_connections_search_empty.json"),
    ) else {
        return;
    };
    let server = Scripted::start().await;
    let heroku = server.heroku();
    server.always("POST /auth/demo", 200, granted);
    let connections = heroku.connect().grant_access(&demo()).await.unwrap();
    assert_eq!(connections[0].id, CONNECTION);
    server.always("GET /connections", 200, found);
    let resource = connections[0].resource_name.clone();
    let searched = heroku
        .connect()
        .search(&demo(), Some(&resource))
        .await
        .unwrap();
    assert_eq!(searched, connections);
    assert_eq!(
        server.last().query,
        "app=demo&resource_name=herokuconnect-angular-12345"
    );
    server.always("GET /connections", 200, empty);
    assert!(
        heroku
            .connect()
            .search(&demo(), None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_connection_with_its_mappings_is_understood() {
    let Some(detail) = json_fixture("connection_details_deep.json") else {
        return;
    };
    let server = Scripted::start().await;
    server.always(
        &format!("GET /api/v3/connections/{CONNECTION}"),
        200,
        detail.clone(),
    );
    let summary: ConnectionSummary = serde_json::from_value(json!({
        "id": CONNECTION, "resource_name": "herokuconnect-angular-12345", "app_name": "my-app",
        "region_url": server.url(""), "detail_url": detail["detail_url"],
    }))
    .unwrap();
    let connection = server
        .heroku()
        .connect()
        .connection(&summary)
        .await
        .unwrap();
    assert_eq!(server.last().query, "deep=true");
    assert_eq!(connection.state, ConnectionState::Idle);
    assert!(connection.state.is_ok() && !connection.is_quiet() && !connection.odata);
    assert_eq!(connection.db_key.as_ref().unwrap().as_str(), "DATABASE_URL");
    assert_eq!(connection.database.as_ref().unwrap().host, "my-host");
    assert_eq!(connection.api_version(), Some("64.0"));
    assert_eq!(connection.features.len(), 21);
    assert_eq!(connection.feature("poll_db_no_merge"), Some(true));
    assert_eq!(
        connection.features.keys().next().unwrap(),
        "cdc_for_accelerated_polling"
    );
    assert!(connection.last_write_activity_time.is_some());
    let account = connection.mapping("ACCOUNT").unwrap();
    assert!(account.state.is_loaded() && account.is_quiet());
    assert_eq!(account.access(), Some(MappingAccess::ReadOnly));
    assert_eq!(account.counts.db, Some(1_000_000));
    assert_eq!(account.revision(), Some(&json!(1_089_201)));
    assert_eq!(
        account.times.sf_poll.unwrap().to_string(),
        "2025-07-16T20:12:43.734321Z"
    );
    assert_eq!(account.times.sf_write, None);
    // What was read is what was written, key for key.
    assert_eq!(
        account.config.to_string(),
        detail["mappings"][0]["config"].to_string()
    );
}

#[tokio::test]
async fn write_errors_are_understood() {
    let Some(errors) = json_fixture("connection_errors.json") else {
        return;
    };
    let server = Scripted::start().await;
    let connection = connected(&server, "IDLE", json!([])).await;
    server.always(
        &format!("GET /api/v3/connections/{CONNECTION}/errors"),
        200,
        errors,
    );
    let errors: Vec<WriteError> = server
        .heroku()
        .connect()
        .write_errors(&connection)
        .await
        .unwrap();
    assert_eq!(errors.len(), 2);
    assert_eq!(
        (errors[1].table_name.as_deref(), errors[1].message.as_str()),
        (Some("Contact"), "Error message 2")
    );
    assert!(errors[0].created_at.is_some());
}

#[tokio::test]
async fn real_exports_go_out_and_in_byte_for_byte() {
    let Some((path, _)) = fixture("exports/timetracker.json") else {
        return;
    };
    let server = Scripted::start().await;
    let connection = connected(&server, "IDLE", json!([])).await;
    let heroku = server.heroku();
    let mut exports = 0;
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let root = format!("/api/v3/connections/{CONNECTION}/actions");
        server.on(
            &format!("GET {root}/export"),
            [crate::scripted::Reply::text(200, &text)],
        );
        assert_eq!(heroku.connect().export(&connection).await.unwrap(), text);
        server.on(
            &format!("POST {root}/import"),
            [crate::scripted::Reply::text(202, "")],
        );
        heroku.connect().import(&connection, &text).await.unwrap();
        assert_eq!(server.last().body, text);
        assert_eq!(server.last().headers["content-type"], "application/json");
        exports += 1;
    }
    assert_eq!(exports, 4);
}
