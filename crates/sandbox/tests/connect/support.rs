//! Two servers for all tests of this binary; a Connect of its own for each test.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use connect_swap_sandbox::apps::{AppDirectory, ConnectAddon};
use connect_swap_sandbox::clock::Clock;
use connect_swap_sandbox::connect::{
    Connect, SalesforceOptions, SeedConnection, SeedMapping, router,
};
use connect_swap_sandbox::servers::{Database, Generation, ServerPair};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

/// Sandbox seconds in a real second.
const SPEED: f64 = 100.0;
/// The longest that any wait of these tests lasts.
const LIMIT: Duration = Duration::from_secs(40);

fn servers() -> &'static ServerPair {
    static SERVERS: OnceLock<ServerPair> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let starting = std::thread::spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(ServerPair::start("adminsecret")).unwrap()
        });
        starting.join().unwrap()
    })
}

/// The config vars and add-ons of one app.
#[derive(Default)]
struct App {
    id: Uuid,
    vars: Mutex<HashMap<String, String>>,
    addons: Mutex<Vec<ConnectAddon>>,
}

impl AppDirectory for App {
    fn config_var(&self, app: &str, key: &str) -> Option<String> {
        self.app_id(app)?;
        self.vars.lock().unwrap().get(key).cloned()
    }

    fn config_var_names(&self, _app: &str) -> Vec<(String, Option<String>)> {
        let plan = |name: &str| {
            (name == "DATABASE_URL").then(|| "heroku-postgresql:standard-0".to_owned())
        };
        let vars = self.vars.lock().unwrap();
        vars.keys().map(|name| (name.clone(), plan(name))).collect()
    }

    fn app_id(&self, app: &str) -> Option<Uuid> {
        (app == "demo" || app == self.id.to_string()).then_some(self.id)
    }

    fn connect_addons(&self, _app: &str) -> Vec<ConnectAddon> {
        self.addons.lock().unwrap().clone()
    }
}

/// One app called `demo` with its Connect, served on a port of its own.
pub(crate) struct Bench {
    app: Arc<App>,
    pub(crate) connect: Connect,
    pub(crate) base: String,
    http: reqwest::Client,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) json: Value,
    pub(crate) text: String,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let app = Arc::new(App {
            id: Uuid::new_v4(),
            ..App::default()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let directory: Arc<dyn AppDirectory> = app.clone();
        let connect = Connect::new(
            Clock::new(SPEED),
            directory,
            &base,
            SalesforceOptions::default(),
        );
        let router = router(connect.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self {
            app,
            connect,
            base,
            http,
        }
    }

    /// A new, empty database on the old or the new server, under a config var.
    pub(crate) async fn database(&self, var: &str, generation: Generation) -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (name, role) = (format!("c{number}"), format!("u{number}"));
        let server = servers().server(generation);
        let database = server
            .create_database(&name, &role, SecretString::from("secret"))
            .await
            .unwrap();
        self.point(var, &database);
        database
    }

    /// Makes a config var mean a database.
    pub(crate) fn point(&self, var: &str, database: &Database) {
        let url = database.url().expose_secret().to_owned();
        self.app.vars.lock().unwrap().insert(var.to_owned(), url);
    }

    /// Takes a config var away.
    pub(crate) fn unset(&self, var: &str) {
        self.app.vars.lock().unwrap().remove(var);
    }

    pub(crate) fn addon(&self, name: &str, plan: &str) -> ConnectAddon {
        ConnectAddon {
            id: Uuid::new_v4(),
            resource_name: name.to_owned(),
            plan: plan.to_owned(),
            app_name: "demo".to_owned(),
            app_id: self.app.id,
            region: "us".to_owned(),
        }
    }

    /// A loaded connection on `DATABASE_URL`.
    pub(crate) async fn seeded(&self, name: &str, export: &Value, records: u64) -> String {
        self.seeded_on(name, "DATABASE_URL", export, records).await
    }

    /// A loaded connection on the database of a config var.
    pub(crate) async fn seeded_on(
        &self,
        name: &str,
        var: &str,
        export: &Value,
        records: u64,
    ) -> String {
        let seed = SeedConnection {
            addon: self.addon(name, "enterprise"),
            db_key: var.to_owned(),
            schema_name: "salesforce".to_owned(),
            mappings: SeedMapping::of_export(export, records),
        };
        self.connect
            .seed_connection(seed)
            .await
            .unwrap()
            .to_string()
    }

    /// A new connection, linked, pointed at `var` and authorised.
    pub(crate) async fn authorised(&self, name: &str, plan: &str, var: &str) -> String {
        self.connect.addon_created(self.addon(name, plan));
        self.post("/auth/demo", Value::Null).await;
        let id = self.connect.connection_id(name).unwrap().to_string();
        let path = format!("/api/v3/connections/{id}");
        let set = json!({"db_key": var, "schema_name": "salesforce"});
        assert_eq!(self.send(Method::PATCH, &path, set).await.status, 200);
        let redirect = self.login_url(&id).await;
        assert_eq!(self.get(&format!("{redirect}/allow")).await.status, 200);
        id
    }

    /// The path of the login page.
    pub(crate) async fn login_url(&self, id: &str) -> String {
        let path = format!("/api/v3/connections/{id}/authorize_url");
        let answer = self
            .post(
                &path,
                json!({"environment": "production", "api_version": "58.0"}),
            )
            .await;
        assert_eq!(answer.status, 201);
        let redirect = answer.json["redirect"].as_str().unwrap();
        redirect
            .strip_prefix(&self.base)
            .expect("on this port")
            .to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        Answer {
            status,
            json: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    /// The connection with its mappings.
    pub(crate) async fn deep(&self, id: &str) -> Value {
        self.get(&format!("/api/v3/connections/{id}?deep=true"))
            .await
            .json
    }

    /// Waits until the connection is as asked.
    pub(crate) async fn until(&self, id: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let body = self.deep(id).await;
            if is(&body) {
                return body;
            }
            assert!(began.elapsed() < LIMIT, "never {what}: {body:#}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn until_state(&self, id: &str, state: &str) -> Value {
        self.until(id, state, |body| body["state"] == state).await
    }

    /// Pauses, as often as it takes to find the connection IDLE.
    pub(crate) async fn pause(&self, id: &str) {
        let path = format!("/api/v3/connections/{id}/actions/pause");
        let began = Instant::now();
        while self.post(&path, Value::Null).await.status != 202 {
            assert!(began.elapsed() < LIMIT, "no pause was accepted");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.until(id, "paused and quiet", |body| {
            let quiet = |mapping: &Value| {
                mapping["is_polling"] == false && mapping["actively_writing"] == false
            };
            body["state"] == "PAUSED" && body["mappings"].as_array().unwrap().iter().all(quiet)
        })
        .await;
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.connect.stop();
    }
}

/// Waits until a query that gives one boolean gives true.
pub(crate) async fn until_true(client: &Client, sql: &str) {
    let began = Instant::now();
    while !client.query_one(sql, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(began.elapsed() < LIMIT, "never true: {sql}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

pub(crate) fn all_synced(body: &Value) -> bool {
    let mappings = body["mappings"].as_array().unwrap();
    !mappings.is_empty()
        && mappings
            .iter()
            .all(|mapping| mapping["state"] == "DATA_SYNCED")
}

/// A small configuration: read-write accounts with an upsert field, read-only products.
pub(crate) fn export() -> Value {
    json!({
        "mappings": [
            {"object_name": "Account", "config": {
                "access": "read_write", "sf_notify_enabled": true, "sf_polling_seconds": 600,
                "sf_max_daily_api_calls": 30000,
                "fields": {"Id": {}, "Name": {}, "AccountNumber": {}, "IsDeleted": {}, "SystemModstamp": {}, "CreatedDate": {}},
                "indexes": {"Id": {"unique": true}, "AccountNumber": {"unique": true}, "SystemModstamp": {"unique": false}},
                "upsert_field": "AccountNumber"}},
            {"object_name": "Product2", "config": {
                "access": "read_only", "sf_notify_enabled": false, "sf_polling_seconds": 600,
                "sf_max_daily_api_calls": 30000,
                "fields": {"Id": {}, "Name": {}, "ProductCode": {}, "SystemModstamp": {}},
                "indexes": {"Id": {"unique": true}, "SystemModstamp": {"unique": false}}}}
        ],
        "version": 1
    })
}

/// A directory of third-party data that is not part of this repository; `None`, said aloud, where
/// it is absent.
pub(crate) fn third_party(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/schemas/connect");
    let path = root.join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}
