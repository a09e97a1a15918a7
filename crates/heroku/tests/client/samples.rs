//! Answers of the three APIs, as small as they can be.

use connect_swap_heroku::connect::{Connection, ConnectionSummary};
use connect_swap_heroku::{AddonName, AppName};
use serde_json::{Value, json};

use crate::scripted::Scripted;

pub(crate) const CONNECTION: &str = "5e1f4b25-c7e9-4731-8ede-a81a6a0a8830";
pub(crate) const MAPPING: &str = "3ac1eba9-238d-458f-b028-278beadae06a";
pub(crate) const UUID: &str = "01234567-89ab-cdef-0123-456789abcdef";

pub(crate) fn demo() -> AppName {
    AppName::try_from("demo").unwrap()
}

pub(crate) fn addon_name(text: &str) -> AddonName {
    AddonName::try_from(text).unwrap()
}

pub(crate) fn app() -> Value {
    json!({
        "id": UUID, "name": "demo", "maintenance": false, "generation": { "name": "cedar" },
        "region": { "name": "us" }, "team": null, "space": null,
    })
}

pub(crate) fn addon(name: &str, state: &str) -> Value {
    json!({
        "id": UUID, "name": name, "app": { "id": UUID, "name": "demo" },
        "addon_service": { "id": UUID, "name": "heroku-postgresql" },
        "plan": { "id": UUID, "name": "heroku-postgresql:standard-0" },
        "state": state, "config_vars": ["NEW_DATABASE_URL"],
        "billed_price": { "cents": 5000, "contract": false, "unit": "month" },
        "provision_message": "on its way",
    })
}

pub(crate) fn attachment(id: &str, name: &str, addon: &str, namespace: Value) -> Value {
    json!({
        "id": id, "name": name, "namespace": namespace, "app": { "id": UUID, "name": "demo" },
        "addon": { "id": UUID, "name": addon, "app": { "id": UUID, "name": "demo" } },
    })
}

pub(crate) fn release(version: u64) -> Value {
    json!({
        "id": format!("r-{version}"), "version": version, "status": "succeeded", "current": false,
        "description": "Attach DATABASE (@ref:new)", "created_at": "2026-01-02T03:04:05Z",
        "output_stream_url": "https://release-output.heroku.com/streams/hush",
    })
}

pub(crate) fn summary(region: &str) -> Value {
    json!({
        "id": CONNECTION, "resource_name": "herokuconnect-flat-1", "display_name": "demo",
        "addon_type": "Sync", "app_name": "demo", "app_id": UUID, "region": "us",
        "region_url": region,
        "detail_url": format!("{region}/api/v3/connections/{CONNECTION}"),
    })
}

pub(crate) fn mapping(state: &str, config: Value) -> Value {
    json!({ "id": MAPPING, "object_name": "Account", "state": state, "config": config })
}

pub(crate) fn connection(state: &str, mappings: Value) -> Value {
    json!({
        "id": CONNECTION, "state": state, "db_key": "DATABASE_URL", "schema_name": "salesforce",
        "resource_name": "herokuconnect-flat-1", "app_name": "demo", "mappings": mappings,
    })
}

/// Scripts a connection in that state and reads it.
pub(crate) async fn connected(server: &Scripted, state: &str, mappings: Value) -> Connection {
    let detail = format!("GET /api/v3/connections/{CONNECTION}");
    server.always(&detail, 200, connection(state, mappings));
    let summary: ConnectionSummary = serde_json::from_value(summary(&server.url(""))).unwrap();
    server
        .heroku()
        .connect()
        .connection(&summary)
        .await
        .unwrap()
}
