//! What can be seen of the app from outside, and somebody's own requests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use connect_swap_sandbox::Sandbox;
use connect_swap_tests::local_client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::Stage;

/// Somebody whose request fails tries again so often: faults hit everybody.
const ATTEMPTS: usize = 60;

/// An add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addon {
    pub(crate) name: String,
    pub(crate) service: String,
}

/// The app at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) maintenance: bool,
    /// How many of each process type, and of which size.
    pub(crate) formation: BTreeMap<String, (u64, String)>,
    /// Attachment and add-on.
    pub(crate) attachments: BTreeMap<String, String>,
    /// The Connect add-ons that run, and the physical database of each.
    pub(crate) running: BTreeMap<String, String>,
    /// Every definition in the app's database that belongs to no Connect mapping.
    pub(crate) definitions: BTreeSet<String>,
    /// Whether a new session of the app may write.
    pub(crate) writable: bool,
    /// The physical database of the app.
    pub(crate) database: String,
}

/// Names of everything a tool could leave behind.
const DEFINITIONS: &str = "
    SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace > 16383 OR proname = 'disk_is_full'
    UNION ALL SELECT 'relation ' || oid::regclass FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND relnamespace > 2200
    UNION ALL SELECT 'setting ' || unnest(setconfig) FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())";

impl Look {
    /// Reads everything, past every fault that waits for requests.
    pub(crate) async fn at(stage: &Stage) -> Self {
        let sandbox = &stage.servers.sandbox;
        let shown = summary(sandbox, &stage.app).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let formation = shown["formation"].as_object().into_iter().flatten();
        let formation = formation.map(|(name, process)| {
            let quantity = process["quantity"].as_u64().unwrap_or_default();
            (name.clone(), (quantity, text(&process["size"])))
        });
        let attachments = shown["attachments"].as_array().into_iter().flatten();
        let attachments = attachments.map(|one| (text(&one["name"]), text(&one["addon"])));
        let database = sandbox.database(&stage.app, "DATABASE").expect("DATABASE");
        let session = database.admin().await.expect("the server answers");
        let rows = session.query(DEFINITIONS, &[]).await.expect("the catalog");
        let app = database.connect("look").await.expect("the app gets in");
        let read_only = app
            .query_one("SHOW default_transaction_read_only", &[])
            .await;
        Self {
            maintenance: shown["maintenance"] == true,
            formation: formation.collect(),
            attachments: attachments.collect(),
            running: running(sandbox, &stage.app).await,
            definitions: rows.iter().map(|row| row.get(0)).collect(),
            writable: read_only.expect("a setting").get::<_, String>(0) == "off",
            database: database.location(),
        }
    }
}

/// The app's Connect add-ons that run, and the physical database of each.
pub(crate) async fn running(sandbox: &Sandbox, app: &str) -> BTreeMap<String, String> {
    let addons = addons(sandbox, app).await.into_iter();
    let mine: BTreeSet<String> = addons.map(|addon| addon.name).collect();
    let runs = sandbox.connect().runs().into_iter();
    runs.filter(|run| run.to.is_none() && mine.contains(&run.resource_name))
        .map(|run| {
            let at = run.physical;
            (
                run.resource_name,
                format!("{}:{}/{}", at.host, at.port, at.database),
            )
        })
        .collect()
}

/// The sandbox's own view, which no fault touches.
pub(crate) async fn summary(sandbox: &Sandbox, app: &str) -> Value {
    let url = format!("{}/_sandbox/apps/{app}", sandbox.url());
    let answer = local_client()
        .get(url)
        .send()
        .await
        .expect("the sandbox answers");
    answer.json().await.expect("JSON")
}

/// The app's add-ons, by its attachments and by what belongs to it.
pub(crate) async fn addons(sandbox: &Sandbox, app: &str) -> Vec<Addon> {
    let path = format!("/apps/{app}/addons");
    let answer = send(sandbox, Method::GET, &path, None)
        .await
        .unwrap_or_default();
    let listed = answer.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    listed
        .iter()
        .map(|addon| Addon {
            name: text(&addon["name"]),
            service: text(&addon["addon_service"]["name"]),
        })
        .collect()
}

/// Somebody's request; none where Heroku refuses it.
pub(crate) async fn ask(
    stage: &Arc<Stage>,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Option<Value> {
    send(&stage.servers.sandbox, method, path, body).await
}

async fn send(sandbox: &Sandbox, method: Method, path: &str, body: Option<Value>) -> Option<Value> {
    const SOMEBODY: &str = "somebody-elses-token";
    sandbox.add_token(secrecy::SecretString::from(SOMEBODY));
    for _ in 0..ATTEMPTS {
        let request = local_client()
            .request(method.clone(), format!("{}{path}", sandbox.url()))
            .bearer_auth(SOMEBODY)
            .header("Accept", "application/vnd.heroku+json; version=3")
            .header("User-Agent", "somebody")
            .timeout(Duration::from_secs(2));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        if let Ok(answer) = request.send().await
            && answer.status().is_success()
            && let Ok(text) = answer.text().await
        {
            if text.is_empty() {
                return Some(Value::Null);
            }
            if let Ok(value) = serde_json::from_str(&text) {
                return Some(value);
            }
        }
        if method != Method::GET {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

/// The mappings of the app's connections: the add-on, where the mapping stands, and itself.
async fn mappings(stage: &Arc<Stage>) -> Vec<(String, Value)> {
    ask(
        stage,
        Method::POST,
        &format!("/auth/{}", stage.app),
        Some(json!({})),
    )
    .await;
    let search = format!("/connections?app={}", stage.app);
    let found = ask(stage, Method::GET, &search, None)
        .await
        .unwrap_or_default();
    let mut all = Vec::new();
    for connection in found["results"].as_array().into_iter().flatten() {
        let Some(id) = connection["id"].as_str() else {
            continue;
        };
        let path = format!("/api/v3/connections/{id}?deep=true");
        let shown = ask(stage, Method::GET, &path, None)
            .await
            .unwrap_or_default();
        let addon = connection["resource_name"].as_str().unwrap_or_default();
        for mapping in shown["mappings"].as_array().into_iter().flatten() {
            all.push((addon.to_owned(), mapping.clone()));
        }
    }
    all
}

/// Reloads what has stopped, as a person does who reads the hint.
pub(crate) async fn reload_stopped_mappings(stage: &Arc<Stage>) {
    for (_, mapping) in mappings(stage).await {
        let state = mapping["state"].as_str().unwrap_or_default();
        let stopped = state.ends_with("ERROR") || state == "ABORTED";
        if let Some(id) = mapping["id"].as_str().filter(|_| stopped) {
            let path = format!("/api/v3/mappings/{id}/actions/reload");
            ask(stage, Method::POST, &path, Some(json!({}))).await;
        }
    }
}

/// The old connection's mapping of Account: its path, and what it is.
pub(crate) async fn mapping_of_account(stage: &Arc<Stage>) -> Option<(String, Value)> {
    let all = mappings(stage).await.into_iter();
    let mut of_account = all.filter(|(addon, mapping)| {
        *addon == stage.old.connect && mapping["object_name"] == "Account"
    });
    let (_, mapping) = of_account.next()?;
    let path = format!("/api/v3/mappings/{}", mapping["id"].as_str()?);
    let whole = ask(stage, Method::GET, &path, None).await?;
    Some((path, whole))
}
