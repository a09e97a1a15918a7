//! One sandbox for all tests of a binary, and a plain HTTP client: no type of the sandbox's own
//! API is used to speak HTTP.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use connect_swap_sandbox::{AppSpec, Delays, Sandbox, SandboxOptions, Workload};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

/// Sandbox seconds in a real second.
pub(crate) const SPEED: f64 = 60.0;
/// The longest that any wait of these tests lasts.
const LIMIT: Duration = Duration::from_secs(30);

/// The sandbox, started by whoever comes first. Its watchdog ends the servers with the process.
pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let starting = std::thread::spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let options = SandboxOptions {
                speed: SPEED,
                // Long enough to be seen from outside.
                delays: Delays {
                    replacing: Duration::from_secs(60),
                    ..Delays::default()
                },
                ..SandboxOptions::default()
            };
            runtime.block_on(Sandbox::start(options)).unwrap()
        });
        starting.join().unwrap()
    })
}

/// An app with dynos that place orders.
pub(crate) async fn app() -> String {
    app_of(AppSpec {
        workload: Some(Workload::default()),
        ..AppSpec::default()
    })
    .await
}

pub(crate) async fn app_of(spec: AppSpec) -> String {
    let app = sandbox()
        .create_app(AppSpec {
            launch: false,
            ..spec
        })
        .await
        .unwrap();
    if let Some(database) = sandbox().database(&app, "DATABASE") {
        let client = database.connect("migrations").await.unwrap();
        client.batch_execute(Workload::ORDERS_SCHEMA).await.unwrap();
    }
    sandbox().launch(&app).unwrap();
    app
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) json: Value,
}

/// A client of the Platform API.
pub(crate) fn client() -> Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().timeout(LIMIT).build().unwrap()
}

pub(crate) fn token() -> String {
    let all = sandbox().environment();
    all.into_iter()
        .find(|(name, _)| name == "HEROKU_API_KEY")
        .unwrap()
        .1
}

pub(crate) async fn send(
    method: Method,
    path: &str,
    body: Option<Value>,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = client()
        .request(method, format!("{}{path}", sandbox().url()))
        .bearer_auth(token())
        .header("Accept", "application/vnd.heroku+json; version=3");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let json = response.json().await.unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        json,
    }
}

pub(crate) async fn get(path: &str) -> Value {
    send(Method::GET, path, None, &[]).await.json
}

pub(crate) async fn post(path: &str, body: Value) -> Answer {
    send(Method::POST, path, Some(body), &[]).await
}

pub(crate) async fn patch(path: &str, body: Value) -> Answer {
    send(Method::PATCH, path, Some(body), &[]).await
}

pub(crate) async fn delete(path: &str) -> Answer {
    send(Method::DELETE, path, None, &[]).await
}

/// Asks again and again until the answer is there, for a bounded time.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Creates a Postgres add-on and waits until it is provisioned.
pub(crate) async fn new_database(app: &str, attachment: &str) -> Value {
    let body = serde_json::json!({
        "plan": { "name": "heroku-postgresql:standard-0" },
        "attachment": { "name": attachment },
        "config": {},
    });
    let created = post(&format!("/apps/{app}/addons"), body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.json);
    let name = created.json["name"].as_str().unwrap().to_owned();
    until("the add-on is provisioned", async || {
        let addon = get(&format!("/apps/{app}/addons/{name}")).await;
        (addon["state"] == "provisioned").then_some(addon)
    })
    .await
}

/// The descriptions of an app's releases, oldest first.
pub(crate) async fn releases(app: &str) -> Vec<String> {
    let all = get(&format!("/apps/{app}/releases")).await;
    let all = all.as_array().unwrap();
    all.iter()
        .map(|release| release["description"].as_str().unwrap().to_owned())
        .collect()
}

/// Third-party schemas, where they are at hand: beside the repository, or where
/// `CONNECT_SWAP_SCHEMAS` says.
pub(crate) fn schemas() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/schemas");
    let directory = std::env::var_os("CONNECT_SWAP_SCHEMAS").map_or(beside, PathBuf::from);
    directory.is_dir().then_some(directory)
}
