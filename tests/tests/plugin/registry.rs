//! A registry of npm packages with ours in it and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};

/// The packages by name: each one's manifest, and the packed package.
type Packages = BTreeMap<String, (Value, Vec<u8>)>;

/// A running registry.
pub(crate) struct Registry {
    pub(crate) url: String,
    serving: tokio::task::JoinHandle<()>,
}

impl Registry {
    /// Serves the packages that stand in a directory, packed, beside the directories they were packed
    /// from.
    pub(crate) async fn of(directory: &Path) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let packages = Arc::new(packages(directory, &url));
        let router = Router::new()
            .route("/{name}", get(manifest))
            .route("/-/{name}", get(tarball))
            .with_state(packages);
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it is served");
        });
        Self { url, serving }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn packages(directory: &Path, url: &str) -> Packages {
    let mut packages = Packages::new();
    for entry in std::fs::read_dir(directory).expect("the packages' directory") {
        let stage = entry.expect("an entry").path();
        let Ok(text) = std::fs::read_to_string(stage.join("package.json")) else {
            continue;
        };
        let mut manifest: Value = serde_json::from_str(&text).expect("a manifest");
        let (name, version) = (text_of(&manifest["name"]), text_of(&manifest["version"]));
        let packed = directory.join(format!("{name}-{version}.tgz"));
        let packed = std::fs::read(&packed).expect("the package is packed");
        manifest["dist"] = json!({"tarball": format!("{url}/-/{name}")});
        let document = json!({
            "name": name,
            "dist-tags": {"latest": version},
            "versions": {version: manifest},
        });
        packages.insert(name, (document, packed));
    }
    packages
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What npm asks for first (npm's registry documentation, "Get package metadata").
async fn manifest(
    State(packages): State<Arc<Packages>>,
    UrlPath(name): UrlPath<String>,
) -> impl IntoResponse {
    match packages.get(&name) {
        Some((document, _)) => (StatusCode::OK, Json(document.clone())),
        None => (StatusCode::NOT_FOUND, Json(json!({"error": "not found"}))),
    }
}

async fn tarball(
    State(packages): State<Arc<Packages>>,
    UrlPath(name): UrlPath<String>,
) -> impl IntoResponse {
    match packages.get(&name) {
        Some((_, packed)) => Ok(packed.clone()),
        None => Err(StatusCode::NOT_FOUND),
    }
}
