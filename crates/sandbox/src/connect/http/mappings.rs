//! Mappings: creating, changing, reloading, deleting.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::{Refusal, body, json_answer, visible, with_mapping};
use super::render;
use crate::connect::connection::Connection;
use crate::connect::mapping::Mapping;
use crate::connect::service::Connect;

/// `POST /connections/{id}/mappings`.
pub(super) async fn create(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let body = body(&bytes)?;
    let object = body["object_name"]
        .as_str()
        .ok_or_else(|| Refusal::bad("object_name is required"))?;
    let (config, _revision) = config(&body)?;
    let mapping = Uuid::new_v4();
    let mut data = connection.data();
    if data.mapping_of(object).is_some() {
        return Err(Refusal::bad(format!("Mapping {object} already exists")));
    }
    data.mappings.push(Mapping::new(
        mapping,
        connect.next_number(),
        object,
        config,
        connect.inner.clock.now(),
    ));
    drop(data);
    connection.wake.notify_one();
    shown(&connect, &connection, mapping, StatusCode::CREATED)
}

/// `GET /mappings/{id}`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (connection, id) = with_mapping(&connect, &id)?;
    shown(&connect, &connection, id, StatusCode::OK)
}

/// `PUT /mappings/{id}`: the whole configuration with the `revision` that it was made from.
/// (Where `revision` stands is not documented: here in `config` or beside it.)
pub(super) async fn replace(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let (connection, id) = with_mapping(&connect, &id)?;
    let body = body(&bytes)?;
    let (config, revision) = config(&body)?;
    let revision = revision.ok_or_else(|| Refusal::bad("revision is required"))?;
    let mut data = connection.data();
    let mapping = data.mapping_mut(id).ok_or_else(Refusal::not_found)?;
    if revision != mapping.revision {
        return Err(Refusal::conflict(
            "Mapping was changed by someone else, reload and try again",
        ));
    }
    mapping.reconfigure(config, connect.inner.clock.now());
    drop(data);
    connection.wake.notify_one();
    shown(&connect, &connection, id, StatusCode::OK)
}

/// `DELETE /mappings/{id}`.
pub(super) async fn delete(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (connection, id) = with_mapping(&connect, &id)?;
    let mut data = connection.data();
    let position = data
        .mappings
        .iter()
        .position(|mapping| mapping.id == id)
        .ok_or_else(Refusal::not_found)?;
    let mapping = data.mappings.remove(position);
    if connect
        .behaviour(&connection.addon.app_name)
        .delete_drops_table
    {
        data.dropped_tables.push(mapping.table());
    }
    drop(data);
    connection.wake.notify_one();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /mappings/{id}/actions/reload`.
pub(super) async fn reload(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (connection, id) = with_mapping(&connect, &id)?;
    connection
        .data()
        .mapping_mut(id)
        .ok_or_else(Refusal::not_found)?
        .reload();
    connection.wake.notify_one();
    Ok(StatusCode::ACCEPTED.into_response())
}

fn shown(
    connect: &Connect,
    connection: &Connection,
    id: Uuid,
    status: StatusCode,
) -> Result<Response, Refusal> {
    let data = connection.data();
    let mapping = data.mapping(id).ok_or_else(Refusal::not_found)?;
    Ok(json_answer(
        status,
        render::mapping(connect, connection, mapping),
    ))
}

fn config(body: &Value) -> Result<(Map<String, Value>, Option<u64>), Refusal> {
    let mut config = body["config"]
        .as_object()
        .cloned()
        .ok_or_else(|| Refusal::bad("config is required"))?;
    let inside = config.shift_remove("revision");
    let revision = inside
        .as_ref()
        .or_else(|| body.get("revision"))
        .and_then(Value::as_u64);
    Ok((config, revision))
}
