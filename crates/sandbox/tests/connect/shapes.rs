//! Answers have every key of a real answer, with values of the same JSON type.

use serde_json::Value;

use super::support::{Bench, export, third_party};
use connect_swap_sandbox::servers::Generation;

fn fixture(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(third_party(name)?).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// What of `real` is missing in `ours`, or of another type. Null fits any type on either side.
fn differences(real: &Value, ours: &Value, path: &str, found: &mut Vec<String>) {
    match (real, ours) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(real), Value::Object(ours)) => {
            for (key, value) in real {
                match ours.get(key) {
                    Some(other) => differences(value, other, &format!("{path}.{key}"), found),
                    None => found.push(format!("{path}.{key} is missing")),
                }
            }
        }
        (Value::Array(real), Value::Array(ours)) => {
            if let (Some(real), Some(ours)) = (real.first(), ours.first()) {
                differences(real, ours, &format!("{path}[]"), found);
            }
        }
        (real, ours) => {
            if std::mem::discriminant(real) != std::mem::discriminant(ours) {
                found.push(format!("{path}: {ours} is not of the type of {real}"));
            }
        }
    }
}

#[track_caller]
fn assert_shape(fixture_name: &str, ours: &Value, free: &[&str]) {
    let Some(mut real) = fixture(fixture_name) else {
        return;
    };
    // Names in these places are data, not keys.
    for pointer in free {
        if let Some(place) = real.pointer_mut(pointer) {
            *place = Value::Null;
        }
    }
    let mut found = Vec::new();
    differences(&real, ours, "", &mut found);
    assert!(found.is_empty(), "{fixture_name}: {found:#?}\n{ours:#}");
}

#[test]
fn the_comparison_itself_finds_what_is_missing_or_of_another_type() {
    let mut found = Vec::new();
    let real = serde_json::json!({"a": 1, "b": {"c": "x"}, "d": [{"e": true}], "n": null});
    differences(
        &real,
        &serde_json::json!({"a": "1", "b": {}, "d": [{"e": true}], "n": 5}),
        "",
        &mut found,
    );
    assert_eq!(found.len(), 2, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_and_details_look_like_the_real_ones() {
    let bench = Bench::start().await;
    bench.database("DATABASE_URL", Generation::Old).await;
    let empty = bench.get("/connections?app=demo").await.json;
    assert_shape("central_connections_search_empty.json", &empty, &[]);

    let id = bench.seeded("herokuconnect-old-1", &export(), 30).await;
    let found = bench
        .get("/connections?app=demo&resource_name=herokuconnect-old-1&addon_type=1")
        .await
        .json;
    assert_eq!(found["count"], 1);
    assert_shape("central_connections_search.json", &found, &["/cells"]);
    assert_eq!(found["results"][0]["id"], id.as_str());
    assert_ne!(bench.deep(&id).await["addon_id"], id.as_str());

    let auth = bench.post("/auth/demo", Value::Null).await.json;
    assert_shape("central_auth_app.json", &auth, &["/cells"]);

    let deep = bench
        .until(&id, "polled", |body| {
            body["mappings"][0]["times"]["db_poll"].is_string()
        })
        .await;
    assert_shape(
        "connection_details_deep.json",
        &deep,
        &["/mappings/0/config/fields", "/mappings/0/config/indexes"],
    );
    let shallow = bench.get(&format!("/api/v3/connections/{id}")).await.json;
    assert!(shallow.get("mappings").is_none());
    for time in ["db_poll", "sf_poll"] {
        let text = deep["mappings"][0]["times"][time].as_str().unwrap();
        assert!(
            text.len() == 32 && text.ends_with("+00:00") && &text[10..11] == " ",
            "{text}"
        );
    }

    bench
        .connect
        .add_write_error("herokuconnect-old-1", "Account", "Error message")
        .unwrap();
    let errors = bench
        .get(&format!("/api/v3/connections/{id}/errors"))
        .await
        .json;
    assert_shape("connection_errors.json", &errors, &[]);
    assert_eq!(errors["count"], 1);

    let keys = bench.get("/api/v3/apps/demo").await.json;
    assert_eq!(
        keys["db_keys"][0]["addon"]["plan"],
        "heroku-postgresql:standard-0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_connection_is_seen_by_nobody_until_it_is_linked() {
    let bench = Bench::start().await;
    bench
        .connect
        .addon_created(bench.addon("herokuconnect-new-1", "enterprise"));
    let id = bench.connect.connection_id("herokuconnect-new-1").unwrap();
    assert_eq!(bench.get("/connections?app=demo").await.json["count"], 0);
    assert_eq!(
        bench.get(&format!("/api/v3/connections/{id}")).await.status,
        404
    );
    assert_eq!(bench.post("/auth/nobody", Value::Null).await.status, 404);
    assert_eq!(bench.post("/auth/demo", Value::Null).await.status, 200);
    assert_eq!(bench.get("/connections?app=demo").await.json["count"], 1);
    assert_eq!(bench.deep(&id.to_string()).await["state"], "NEW");
}
