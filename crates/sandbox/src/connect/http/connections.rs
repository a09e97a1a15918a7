//! Connections: showing them, and the actions that need no body of their own.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{Refusal, body, json_answer, visible};
use super::render;
use crate::connect::control;
use crate::connect::options::PauseWhenBusy;
use crate::connect::runs::Physical;
use crate::connect::service::Connect;
use crate::connect::state::ConnectionState;

/// `GET /connections/{id}?deep=true`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let deep = query.get("deep").is_some_and(|deep| deep == "true");
    Ok(json_answer(
        StatusCode::OK,
        render::connection(&connect, &connection, deep),
    ))
}

/// `GET /apps/{app}`: the config vars that can be a `db_key`.
pub(super) async fn db_keys(
    State(connect): State<Connect>,
    Path(app): Path<String>,
) -> Result<Response, Refusal> {
    let directory = &connect.inner.directory;
    directory.app_id(&app).ok_or_else(Refusal::not_found)?;
    let is_database = |key: &str| {
        directory
            .config_var(&app, key)
            .is_some_and(|url| Physical::of_url(&url).is_some())
    };
    let keys = directory
        .config_var_names(&app)
        .into_iter()
        .filter(|(name, _)| is_database(name));
    let keys: Vec<Value> = keys
        .map(|(name, plan)| json!({"name": name, "addon": plan.map(|plan| json!({"plan": plan}))}))
        .collect();
    Ok(json_answer(StatusCode::OK, json!({"db_keys": keys})))
}

/// `POST actions/pause`: accepted when IDLE; PAUSED follows when what is under way is done.
pub(super) async fn pause(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let behaviour = connect.behaviour(&connection.addon.app_name);
    let now = connect.inner.clock.now();
    let mut data = connection.data();
    if data.pause_refusals > 0 {
        data.pause_refusals -= 1;
        return Err(Refusal::conflict(
            "Connection is busy and cannot be paused now",
        ));
    }
    let is_idle = data.state == ConnectionState::Idle && data.imports.is_empty();
    let may_wait =
        behaviour.pause_when_busy == PauseWhenBusy::FinishLater && data.state.is_running();
    if !is_idle && !may_wait {
        return Err(Refusal::conflict(format!(
            "Connection can only be paused when IDLE, it is {}",
            data.state
        )));
    }
    data.pausing.get_or_insert(now + behaviour.pause_takes);
    drop(data);
    connection.wake.notify_one();
    Ok(StatusCode::ACCEPTED.into_response())
}

/// `POST actions/resume`.
pub(super) async fn resume(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    control::resume(&connection);
    Ok(StatusCode::ACCEPTED.into_response())
}

/// `POST actions/restart`: recovery from an error, by way of RECOVERY.
pub(super) async fn restart(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let now = connect.inner.clock.now();
    let mut data = connection.data();
    if data.login.is_none() {
        return Err(Refusal::conflict(format!(
            "Connection cannot be recovered, it is {}",
            data.state
        )));
    }
    data.pausing = None;
    data.state = ConnectionState::Recovery;
    data.recovered_at = Some(now + Duration::from_secs(2));
    for mapping in data
        .mappings
        .iter_mut()
        .filter(|mapping| mapping.state.is_stopped())
    {
        mapping.reload();
    }
    drop(data);
    connection.wake.notify_one();
    Ok(StatusCode::ACCEPTED.into_response())
}

/// `GET actions/export`.
pub(super) async fn export(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    Ok(json_answer(
        StatusCode::OK,
        render::export(&connect, &connection),
    ))
}

/// `POST actions/import`: any JSON object is accepted; what is wrong with it shows later, in the
/// state of a mapping.
pub(super) async fn import(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let export = body(&bytes)?;
    if !export.is_object() {
        return Err(Refusal::bad("expected a configuration"));
    }
    connection.data().imports.push_back(export);
    connection.wake.notify_one();
    Ok(StatusCode::ACCEPTED.into_response())
}
