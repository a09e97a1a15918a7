//! POSTs whose answers are lost: looked for before they are sent again.

use std::collections::BTreeMap;

use connect_swap_heroku::platform::NewAddon;
use connect_swap_heroku::{AttachmentName, Error};
use serde_json::{Value, json};

use crate::samples::{
    CONNECTION, MAPPING, addon, addon_name, attachment, connected, connection, demo, mapping,
};
use crate::scripted::{Reply, Scripted};

const CREATE: &str = "POST /apps/demo/addons";
const LOOK: &str = "GET /apps/demo/addons/demo-new-db";
const ATTACH: &str = "POST /addon-attachments";
const LIST: &str = "GET /apps/demo/addon-attachments";

fn new_database() -> NewAddon {
    NewAddon {
        name: addon_name("demo-new-db"),
        plan: "heroku-postgresql:standard-0".to_owned(),
        attachment: Some(AttachmentName::try_from("NEW_DATABASE").unwrap()),
        config: BTreeMap::from([("version".to_owned(), "16".to_owned())]),
    }
}

fn made() -> Reply {
    Reply::json(201, addon("demo-new-db", "provisioning"))
}

fn found() -> Reply {
    Reply::json(200, addon("demo-new-db", "provisioned"))
}

fn absent() -> Reply {
    Reply::json(
        404,
        json!({ "id": "not_found", "resource": "add-on", "message": "none" }),
    )
}

#[tokio::test]
async fn an_addon_that_was_made_is_found_and_not_made_again() {
    for lost in [
        Reply::Close,
        Reply::Truncated,
        Reply::error(503, "x", "y"),
        Reply::text(201, "{"),
    ] {
        let server = Scripted::start().await;
        // It appears a moment later only.
        server
            .on(CREATE, [lost.clone()])
            .on(LOOK, [absent(), found()]);
        let addon = server
            .heroku()
            .platform()
            .create_addon(&demo(), &new_database())
            .await
            .unwrap();
        assert_eq!(addon.name, "demo-new-db", "{lost:?}");
        assert_eq!(
            (server.count(CREATE), server.count(LOOK)),
            (1, 2),
            "{lost:?}"
        );
    }
}

#[tokio::test]
async fn an_addon_that_was_not_made_is_made_after_all() {
    let server = Scripted::start().await;
    server
        .on(CREATE, [Reply::Close, made()])
        .on(LOOK, [absent()]);
    server
        .heroku()
        .platform()
        .create_addon(&demo(), &new_database())
        .await
        .unwrap();
    assert_eq!(server.count(CREATE), 2);
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_may_be_the_trace_of_it() {
    let server = Scripted::start().await;
    let taken = Reply::error(422, "invalid_params", "Name is already taken");
    server.on(CREATE, [Reply::Close, taken]);
    server.on(LOOK, [absent(), absent(), absent(), found()]);
    server
        .heroku()
        .platform()
        .create_addon(&demo(), &new_database())
        .await
        .unwrap();
    assert_eq!(server.count(CREATE), 2);
}

#[tokio::test]
async fn what_stays_unknown_is_said_to_be_unknown() {
    let server = Scripted::start().await;
    server
        .on(CREATE, [Reply::Close])
        .on(LOOK, [Reply::error(401, "unauthorized", "expired")]);
    let error = server
        .heroku()
        .platform()
        .create_addon(&demo(), &new_database())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Network {
                maybe_sent: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(!error.is_without_effect());
    assert_eq!(server.count(CREATE), 1);
}

#[tokio::test]
async fn one_of_another_plan_is_not_taken_for_it() {
    let server = Scripted::start().await;
    let mut other = addon("demo-new-db", "provisioned");
    other["plan"]["name"] = json!("heroku-postgresql:premium-7");
    server.on(CREATE, [Reply::Close]).always(LOOK, 200, other);
    let error = server
        .heroku()
        .platform()
        .create_addon(&demo(), &new_database())
        .await
        .unwrap_err();
    assert!(!error.is_without_effect(), "{error:?}");
}

#[tokio::test]
async fn a_plain_refusal_ends_it_and_confirms_nothing() {
    let server = Scripted::start().await;
    server.on(
        CREATE,
        [Reply::error(
            423,
            "confirmation_required",
            "NEW_DATABASE is in use",
        )],
    );
    let error = server
        .heroku()
        .platform()
        .create_addon(&demo(), &new_database())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ConfirmationRequired(_)), "{error:?}");
    assert_eq!(server.lines(), [CREATE]);
    assert_eq!(server.last().json().unwrap().get("confirm"), None);
}

#[tokio::test]
async fn a_named_attachment_is_looked_for_by_name_and_addon() {
    let server = Scripted::start().await;
    let old = attachment("a-1", "DATABASE", "old-db", Value::Null);
    let new = attachment("a-2", "DATABASE", "new-db", Value::Null);
    server.on(ATTACH, [Reply::Close]);
    server.on(
        LIST,
        [
            Reply::json(200, json!([old])),
            Reply::json(200, json!([new])),
        ],
    );
    let name = AttachmentName::try_from("DATABASE").unwrap();
    let heroku = server.heroku();
    let done = heroku
        .platform()
        .attach(&demo(), &addon_name("new-db"), Some(&name), None, true)
        .await
        .unwrap();
    assert_eq!(done.addon.name, "new-db");
    assert_eq!(server.lines(), [ATTACH, LIST, LIST]);
}

#[tokio::test]
async fn an_unnamed_attachment_is_the_one_that_was_not_there_before() {
    let server = Scripted::start().await;
    let before = attachment("a-1", "DATABASE", "old-db", Value::Null);
    let other = attachment("a-3", "REPORTS", "old-db", json!("credential:reports"));
    let alias = attachment("a-2", "HEROKU_POSTGRESQL_PINK", "old-db", Value::Null);
    server.on(ATTACH, [Reply::Close]);
    server.on(
        LIST,
        [
            Reply::json(200, json!([before])),
            Reply::json(200, json!([before, other, alias])),
        ],
    );
    let heroku = server.heroku();
    let done = heroku
        .platform()
        .attach(&demo(), &addon_name("old-db"), None, None, true)
        .await
        .unwrap();
    assert_eq!(done.name, "HEROKU_POSTGRESQL_PINK");
    assert_eq!(server.lines(), [LIST, ATTACH, LIST]);
}

#[tokio::test]
async fn what_is_gone_already_is_gone() {
    let server = Scripted::start().await;
    let heroku = server.heroku();
    let id = "a-1".parse().unwrap();
    server.on("DELETE /addon-attachments/a-1", [Reply::Close, absent()]);
    heroku.platform().detach(&id).await.unwrap();
    server.on(
        "DELETE /apps/app-1/addons/addon-1",
        [Reply::Close, absent()],
    );
    let app = "app-1".parse().unwrap();
    let gone = heroku
        .platform()
        .destroy_addon(&app, &"addon-1".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(gone, None);
}

#[tokio::test]
async fn a_mapping_is_looked_for_in_its_connection() {
    let server = Scripted::start().await;
    let config = json!({ "access": "read_only", "fields": { "Id": {} } });
    let connected = connected(&server, "IDLE", json!([])).await;
    server.always(
        &format!("GET /api/v3/connections/{CONNECTION}"),
        200,
        connection("IDLE", json!([mapping("RELOAD_TABLE", config.clone())])),
    );
    let create = format!("POST /api/v3/connections/{CONNECTION}/mappings");
    server.on(&create, [Reply::Close]);
    let heroku = server.heroku();
    let made = heroku
        .connect()
        .create_mapping(&connected, "Account", &config)
        .await
        .unwrap();
    assert_eq!((made.id.as_str(), server.count(&create)), (MAPPING, 1));

    // A change is only there when the configuration is the wanted one.
    let put = format!("PUT /api/v3/mappings/{MAPPING}");
    server.on(&put, [Reply::Close]);
    let mut wanted = config.clone();
    wanted["fields"]["Industry"] = json!({});
    wanted["revision"] = json!(7);
    let error = heroku
        .connect()
        .update_mapping(&connected, &made.id, &wanted)
        .await
        .unwrap_err();
    assert!(!error.is_without_effect(), "{error:?}");
    let mut now = wanted.clone();
    now["revision"] = json!(8);
    server.always(
        &format!("GET /api/v3/connections/{CONNECTION}"),
        200,
        connection("IDLE", json!([mapping("RESYNC", now)])),
    );
    heroku
        .connect()
        .update_mapping(&connected, &made.id, &wanted)
        .await
        .unwrap();
}
