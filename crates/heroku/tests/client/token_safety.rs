//! Where the token goes, and what a read-only client sends.

use std::collections::BTreeMap;

use connect_swap_heroku::connect::{AuthorizeRequest, ConnectionSummary};
use connect_swap_heroku::platform::{FormationUpdate, NewAddon};
use connect_swap_heroku::{Access, Error, Heroku, Hosts, Settings};
use secrecy::SecretString;
use serde_json::json;

use crate::samples::{UUID, addon_name, app, attachment, connected, demo, summary};
use crate::scripted::{Reply, Scripted};

#[tokio::test]
async fn redirects_are_followed_where_the_token_may_go() {
    let server = Scripted::start().await;
    let other = Scripted::start().await;
    other.always("GET /moved", 200, app());
    server.on(
        "GET /apps/demo",
        [Reply::text(307, "").with("location", other.url("/moved"))],
    );
    server.heroku().platform().app(&demo()).await.unwrap();
    assert_eq!(other.lines(), ["GET /moved"]);
}

#[tokio::test]
async fn redirects_to_foreign_hosts_are_not_followed() {
    for location in [
        "http://example.com/steal",
        "https://api.heroku.com/apps/demo",
        "//10.0.0.1/x",
    ] {
        let server = Scripted::start().await;
        server.on(
            "GET /apps/demo",
            [Reply::text(302, "").with("location", location)],
        );
        let error = server.heroku().platform().app(&demo()).await.unwrap_err();
        assert!(
            matches!(error, Error::ForeignHost { .. }),
            "{location}: {error:?}"
        );
        assert_eq!(server.lines().len(), 1);
    }
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let server = Scripted::start().await;
    server.on(
        "GET /apps/demo",
        [Reply::text(302, "").with("location", "/apps/demo")],
    );
    let error = server.heroku().platform().app(&demo()).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn what_changes_something_follows_no_redirect() {
    let server = Scripted::start().await;
    server.on(
        "PATCH /apps/demo",
        [Reply::text(307, "").with("location", "/elsewhere")],
    );
    let error = server
        .heroku()
        .platform()
        .set_maintenance(&demo(), true)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error:?}");
    assert_eq!(server.lines(), ["PATCH /apps/demo"]);
}

#[tokio::test]
async fn addresses_from_the_discovery_server_are_checked() {
    let server = Scripted::start().await;
    for region in [
        "https://connect.example.com",
        "http://localhost.example.com",
        "http://192.0.2.1",
    ] {
        let summary: ConnectionSummary = serde_json::from_value(summary(region)).unwrap();
        let error = server
            .heroku()
            .connect()
            .connection(&summary)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::ForeignHost { .. }),
            "{region}: {error:?}"
        );
    }
    // A region of its own with the details elsewhere.
    let mut split = summary(&server.url(""));
    split["detail_url"] = json!("https://connect.example.com/api/v3/connections/c");
    let summary: ConnectionSummary = serde_json::from_value(split).unwrap();
    let error = server
        .heroku()
        .connect()
        .connection(&summary)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ForeignHost { .. }), "{error:?}");
    server.always(
        "GET /connections",
        200,
        json!({ "results": [], "next": "http://example.com/2" }),
    );
    let error = server
        .heroku()
        .connect()
        .search(&demo(), None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ForeignHost { .. }), "{error:?}");
    assert_eq!(server.lines(), ["GET /connections"]);
}

#[tokio::test]
async fn an_authorisation_is_a_web_page() {
    let server = Scripted::start().await;
    let connection = connected(&server, "NEED_AUTHENTICATION", json!([])).await;
    let line = format!("POST /api/v3/connections/{}/authorize_url", connection.id);
    let request = AuthorizeRequest {
        environment: "production".into(),
        ..Default::default()
    };
    server.always(&line, 201, json!({ "redirect": "file:///etc/passwd" }));
    let error = server
        .heroku()
        .connect()
        .authorize_url(&connection, &request)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_read_only_client_sends_nothing_that_changes_anything() {
    let server = Scripted::start().await;
    let connection = connected(&server, "IDLE", json!([])).await;
    let reading = server.lines().len();
    let heroku = server.heroku().read_only();
    let platform = heroku.platform();
    let connect = heroku.connect();
    let (app, name) = (demo(), addon_name("new-db"));
    let mapping = "m-1".parse().unwrap();
    let attachment_name = "DATABASE".parse().unwrap();
    let new = NewAddon {
        name: name.clone(),
        plan: "p:q".into(),
        attachment: None,
        config: BTreeMap::new(),
    };
    let update = FormationUpdate {
        process_type: "web".into(),
        quantity: 0,
        size: None,
    };
    let request = AuthorizeRequest {
        environment: "production".into(),
        ..Default::default()
    };
    let key = "DATABASE_URL".parse().unwrap();
    let held_back = [
        platform.set_maintenance(&app, true).await.map(drop),
        platform.create_addon(&app, &new).await.map(drop),
        platform
            .destroy_addon(&UUID.parse().unwrap(), &UUID.parse().unwrap())
            .await
            .map(drop),
        platform
            .attach(&app, &name, Some(&attachment_name), None, true)
            .await
            .map(drop),
        platform.detach(&UUID.parse().unwrap()).await,
        platform.update_formation(&app, &[update]).await.map(drop),
        connect.grant_access(&app).await.map(drop),
        connect
            .set_database(&connection, &key, "salesforce")
            .await
            .map(drop),
        connect
            .patch_settings(&connection, &json!({}))
            .await
            .map(drop),
        connect.authorize_url(&connection, &request).await.map(drop),
        connect.pause(&connection).await,
        connect.resume(&connection).await,
        connect.restart(&connection).await,
        connect.import(&connection, "{}").await,
        connect
            .create_mapping(&connection, "Account", &json!({}))
            .await
            .map(drop),
        connect
            .update_mapping(&connection, &mapping, &json!({}))
            .await
            .map(drop),
        connect.reload_mapping(&connection, &mapping).await,
    ];
    for (index, result) in held_back.into_iter().enumerate() {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::DryRun { .. }), "{index}: {error:?}");
        assert!(error.is_without_effect() && !error.is_transient());
    }
    assert_eq!(server.lines().len(), reading);
    assert_eq!(heroku.access(), Access::ReadOnly);

    // A POST that only asks is sent.
    let found = json!([attachment("a-1", "DATABASE", "old-db", json!(null))]);
    server.always("POST /actions/addon-attachments/resolve", 200, found);
    assert_eq!(
        platform
            .resolve_attachment(&app, "DATABASE")
            .await
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_client_for_production_can_be_made_or_says_what_is_missing() {
    let settings = Settings {
        hosts: Hosts::default(),
        token: SecretString::from("HRKU-x"),
        user_agent: "connect-swap/0.1.0".to_owned(),
        clock_speed: 50.0,
        access: Access::ReadOnly,
    };
    match Heroku::new(settings.clone()) {
        Ok(heroku) => assert_eq!(heroku.requests_sent(), 0),
        Err(error) => assert!(error.to_string().contains("root certificate"), "{error}"),
    }
    let odd = Settings {
        token: SecretString::from("two\nlines"),
        ..settings
    };
    let error = Heroku::new(odd).unwrap_err();
    assert!(
        matches!(error, Error::Setup { .. }) && !error.to_string().contains("lines"),
        "{error}"
    );
}
