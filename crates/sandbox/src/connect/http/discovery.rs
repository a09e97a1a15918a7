//! The central service: who sees which connection, and in which region it is.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Refusal, json_answer};
use crate::connect::connection::Connection;
use crate::connect::service::Connect;

/// `POST /auth/{app}`: adds the caller to the access lists of the app's connections. Until then a
/// new connection is seen by nobody.
pub(super) async fn auth(
    State(connect): State<Connect>,
    Path(app): Path<String>,
) -> Result<Response, Refusal> {
    let app_id = connect
        .inner
        .directory
        .app_id(&app)
        .ok_or_else(Refusal::not_found)?;
    let connections = connect.connections();
    for connection in connections
        .iter()
        .filter(|connection| connection.addon.app_id == app_id)
    {
        connection.data().visible = true;
    }
    let seen: Vec<_> = connections
        .into_iter()
        .filter(|connection| connection.data().visible)
        .collect();
    let (regions, cells) = places(&connect, &seen);
    Ok(json_answer(
        StatusCode::OK,
        json!({
            "user": {"id": "user-id", "email": "user@example.com"},
            "connections": seen.iter().map(|connection| item(&connect, connection)).collect::<Vec<_>>(),
            "regions": regions,
            "cells": cells,
        }),
    ))
}

/// The query of a search.
#[derive(Debug, Deserialize)]
pub(super) struct Search {
    app: Option<String>,
    resource_name: Option<String>,
    addon_type: Option<String>,
}

/// `GET /connections`: the connections that the caller sees.
pub(super) async fn search(
    State(connect): State<Connect>,
    Query(search): Query<Search>,
) -> Response {
    let is_sync = search.addon_type.as_deref().is_none_or(|kind| kind == "1");
    let app_id = search
        .app
        .as_deref()
        .map(|app| connect.inner.directory.app_id(app));
    let found: Vec<_> = connect
        .connections()
        .into_iter()
        .filter(|connection| is_sync && connection.data().visible)
        .filter(|connection| app_id.is_none_or(|id| id == Some(connection.addon.app_id)))
        .filter(|connection| {
            search
                .resource_name
                .as_ref()
                .is_none_or(|name| *name == connection.addon.resource_name)
        })
        .collect();
    let (regions, cells) = places(&connect, &found);
    let results: Vec<Value> = found
        .iter()
        .map(|connection| item(&connect, connection))
        .collect();
    let count = results.len();
    json_answer(
        StatusCode::OK,
        json!({"results": results, "regions": regions, "cells": cells, "next": null, "previous": null, "count": count}),
    )
}

fn item(connect: &Connect, connection: &Connection) -> Value {
    let addon = &connection.addon;
    let base = &connect.inner.base_url;
    let (flag, label) = region_words(&addon.region);
    json!({
        "id": connection.id,
        "resource_name": addon.resource_name,
        "display_name": addon.app_name,
        "addon_type": "Sync",
        "app_name": addon.app_name,
        "app_id": addon.app_id,
        "region": addon.region,
        "region_url": base,
        "region_flag": flag,
        "region_label": label,
        "cell_label": cell_label(&addon.region),
        "cell": cell(&addon.region),
        "detail_url": format!("{base}/api/v3/connections/{}", connection.id),
    })
}

fn places(connect: &Connect, connections: &[Arc<Connection>]) -> (Value, Value) {
    let mut regions = Map::new();
    let mut cells = Map::new();
    for region in connections
        .iter()
        .map(|connection| &connection.addon.region)
    {
        let (flag, label) = region_words(region);
        regions.insert(region.clone(), json!({"flag": flag, "label": label}));
        cells.insert(
            cell(region),
            json!({"url": connect.inner.base_url, "flag": flag, "label": cell_label(region)}),
        );
    }
    (regions.into(), cells.into())
}

fn region_words(region: &str) -> (&'static str, &'static str) {
    if region == "eu" {
        ("europe", "Europe (EU)")
    } else {
        ("united-states", "United States (US)")
    }
}

fn cell(region: &str) -> String {
    format!("sandbox-{region}")
}

fn cell_label(region: &str) -> String {
    format!("Sandbox ({})", region.to_uppercase())
}
