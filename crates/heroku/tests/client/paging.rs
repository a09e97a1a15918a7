//! Lists in several pieces.

use connect_swap_heroku::Error;
use serde_json::{Value, json};

use crate::samples::{CONNECTION, attachment, connected, demo, release, summary};
use crate::scripted::{Reply, Scripted};

#[tokio::test]
async fn a_platform_list_is_followed_to_its_end() {
    let server = Scripted::start().await;
    let line = "GET /apps/demo/addon-attachments";
    let one = |id: &str| json!([attachment(id, "DATABASE", "db-one", Value::Null)]);
    server.on(
        line,
        [
            Reply::json(206, one("a-1")).with("next-range", "id a-1..; max=200"),
            Reply::error(503, "x", "y"),
            Reply::json(206, one("a-2")).with("next-range", "id a-2..; max=200"),
            Reply::json(200, one("a-3")),
        ],
    );
    let all = server
        .heroku()
        .platform()
        .attachments(&demo())
        .await
        .unwrap();
    let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["a-1", "a-2", "a-3"]);
    let ranges: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.headers.get("range").cloned())
        .collect();
    let range = |text: &str| Some(text.to_owned());
    let (second, third) = (range("id a-1..; max=200"), range("id a-2..; max=200"));
    assert_eq!(ranges, [None, second.clone(), second, third]);
}

#[tokio::test]
async fn a_list_without_end_is_an_error() {
    let server = Scripted::start().await;
    server.on(
        "GET /apps/demo/dynos",
        [Reply::json(206, json!([])).with("next-range", "id ..")],
    );
    let error = server.heroku().platform().dynos(&demo()).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn releases_are_the_newest_only_and_newest_first() {
    let server = Scripted::start().await;
    let page = json!([release(41), release(43), release(42)]);
    server.on(
        "GET /apps/demo/releases",
        [Reply::json(206, page).with("next-range", "version ]..40")],
    );
    let releases = server
        .heroku()
        .platform()
        .releases(&demo(), 2)
        .await
        .unwrap();
    let versions: Vec<u64> = releases.iter().map(|release| release.version).collect();
    assert_eq!(versions, [43, 42]);
    assert_eq!(
        server.last().headers["range"],
        "version ..; max=2, order=desc"
    );
    assert!(!format!("{releases:?}").contains("hush"));
}

#[tokio::test]
async fn connect_lists_are_followed_by_address() {
    let server = Scripted::start().await;
    let page = |next: Value| {
        Reply::json(
            200,
            json!({ "results": [summary(&server.url(""))], "next": next }),
        )
    };
    server.on(
        "GET /connections",
        [
            page(json!("/connections?app=demo&page=2")),
            page(Value::Null),
        ],
    );
    let found = server
        .heroku()
        .connect()
        .search(&demo(), None)
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(server.last().query, "app=demo&page=2");

    let connection = connected(&server, "IDLE", json!([])).await;
    let line = format!("GET /api/v3/connections/{CONNECTION}/errors");
    server.always(&line, 200, json!({ "results": [], "next": 2 }));
    let error = server
        .heroku()
        .connect()
        .write_errors(&connection)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}
