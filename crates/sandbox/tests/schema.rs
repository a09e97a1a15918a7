//! The sandbox's answers against the public schemas of the Platform and the Data API.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use reqwest::Method;
use serde_json::Value;
use support::{app, get, new_database, schemas, send};

/// The schema file as JSON, or a word on why there is none.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn load(name: &str) -> Option<Value> {
    let Some(directory) = schemas() else {
        eprintln!("skipped: {name} is not at hand");
        return None;
    };
    Some(serde_json::from_slice(&std::fs::read(directory.join(name)).unwrap()).unwrap())
}

/// What an answer says against the definition of `resource`: its type errors, the keys that the
/// definition does not know, and the keys that it has and the answer lacks.
fn complaints(schema: &Value, resource: &str, answer: &Value) -> Vec<String> {
    let pointer = format!("#/definitions/{resource}");
    let mut whole = schema.clone();
    whole["$ref"] = pointer.into();
    for key in ["properties", "type", "links", "$schema", "id"] {
        whole.as_object_mut().unwrap().remove(key);
    }
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .should_validate_formats(true)
        .build(&whole)
        .unwrap();
    let mut all = validator
        .iter_errors(answer)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect::<Vec<_>>();
    let known = schema["definitions"][resource]["properties"]
        .as_object()
        .unwrap();
    let shown = answer.as_object().unwrap();
    all.extend(
        known
            .keys()
            .filter(|key| !shown.contains_key(*key))
            .map(|key| format!("no {key}")),
    );
    all
}

fn check(schema: &Value, resource: &str, answers: &[&Value]) {
    for answer in answers {
        assert_eq!(
            complaints(schema, resource, answer),
            Vec::<String>::new(),
            "{resource} {answer}"
        );
    }
}

#[tokio::test]
async fn platform_answers_have_the_shape_of_the_public_schema() {
    let Some(schema) = load("platform-v3.json") else {
        return;
    };
    let app = app().await;
    let created = new_database(&app, "NEW_DATABASE").await;
    let list = async |path: &str| get(path).await.as_array().unwrap().clone();

    check(&schema, "account", &[&get("/account").await]);
    check(&schema, "app", &[&get(&format!("/apps/{app}")).await]);
    check(&schema, "add-on", &[&created]);
    for addon in list(&format!("/apps/{app}/addons")).await {
        check(&schema, "add-on", &[&addon]);
    }
    for attachment in list(&format!("/apps/{app}/addon-attachments")).await {
        check(&schema, "add-on-attachment", &[&attachment]);
    }
    for process in list(&format!("/apps/{app}/formation")).await {
        check(&schema, "formation", &[&process]);
    }
    for dyno in list(&format!("/apps/{app}/dynos")).await {
        check(&schema, "dyno", &[&dyno]);
    }
    for release in list(&format!("/apps/{app}/releases")).await {
        check(&schema, "release", &[&release]);
    }
    for size in list("/dyno-sizes").await {
        check(&schema, "dyno-size", &[&size]);
    }
    for service in list("/addon-services").await {
        check(&schema, "add-on-service", &[&service]);
        let name = service["name"].as_str().unwrap();
        for plan in list(&format!("/addon-services/{name}/plans")).await {
            check(&schema, "plan", &[&plan]);
        }
    }
    check(&schema, "rate-limit", &[&get("/account/rate-limits").await]);
}

#[tokio::test]
async fn the_check_itself_finds_what_is_wrong() {
    let Some(schema) = load("platform-v3.json") else {
        return;
    };
    let app = app().await;
    let mut answer = get(&format!("/apps/{app}")).await;
    answer["maintenance"] = "yes".into();
    answer.as_object_mut().unwrap().remove("name");
    let complaints = complaints(&schema, "app", &answer);
    assert!(
        complaints
            .iter()
            .any(|each| each.starts_with("/maintenance")),
        "{complaints:?}"
    );
    assert!(complaints.contains(&"no name".to_owned()), "{complaints:?}");
}

#[tokio::test]
async fn data_answers_have_the_shape_of_the_schema() {
    let Some(schemas) = load("data-api.json") else {
        return;
    };
    let app = app().await;
    let name = get(&format!("/apps/{app}/addon-attachments/DATABASE")).await["addon"]["id"].clone();
    let name = name.as_str().unwrap();
    let routes = [
        (
            "GET /client/v11/databases/:name",
            format!("/client/v11/databases/{name}"),
        ),
        (
            "GET /client/v11/databases/{name}/wait_status",
            format!("/client/v11/databases/{name}/wait_status"),
        ),
        (
            "GET /postgres/v0/databases/:name/credentials",
            format!("/postgres/v0/databases/{name}/credentials"),
        ),
    ];
    for (route, path) in routes {
        let schema = &schemas[route]["responses"]["200"];
        assert!(schema.is_object(), "{route}");
        let answer = send(Method::GET, &path, None, &[]).await.json;
        let errors = jsonschema::options()
            .build(schema)
            .unwrap()
            .iter_errors(&answer)
            .map(|error| error.to_string())
            .collect::<Vec<_>>();
        assert_eq!(errors, Vec::<String>::new(), "{route}");
        if let Some(known) = schema["properties"].as_object() {
            let missing = known
                .keys()
                .filter(|key| answer.get(key.as_str()).is_none());
            assert_eq!(
                missing.collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "{route}"
            );
        }
    }
}
