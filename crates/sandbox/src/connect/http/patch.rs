//! `PATCH /connections/{id}`: database, schema, settings.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::answer::{Refusal, body, json_answer, visible};
use super::render;
use crate::connect::connection::{Connection, ConnectionData};
use crate::connect::mapping::Work;
use crate::connect::options::{Behaviour, SettingsPatch};
use crate::connect::runs::Physical;
use crate::connect::service::Connect;
use crate::connect::state::{ConnectionState, MappingState};

/// Sets what the body names. A change of `db_key` or `schema_name` un-pauses the connection, as
/// the help article says; whether it also reloads is not documented, and here it does only where
/// a table is missing.
pub(super) async fn patch(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let body = body(&bytes)?;
    let behaviour = connect.behaviour(&connection.addon.app_name);
    check_database(&connect, &connection, &body)?;
    check_settings(&behaviour, &body)?;
    let now = connect.inner.clock.now();
    let mut data = connection.data();
    if set_place(&mut data, &body) {
        leave_old_state(&mut data, &behaviour, now);
    }
    if behaviour.settings_patch == SettingsPatch::Applied {
        set_settings(&mut data, &body);
    }
    drop(data);
    connection.wake.notify_one();
    Ok(json_answer(
        StatusCode::OK,
        render::connection(&connect, &connection, false),
    ))
}

fn check_database(connect: &Connect, connection: &Connection, body: &Value) -> Result<(), Refusal> {
    let Some(key) = body["db_key"].as_str() else {
        return Ok(());
    };
    let url = connect
        .inner
        .directory
        .config_var(&connection.addon.app_name, key);
    match url.and_then(|url| Physical::of_url(&url)) {
        Some(_) => Ok(()),
        None => Err(Refusal::bad(format!(
            "Config var {key} does not hold a database URL"
        ))),
    }
}

fn check_settings(behaviour: &Behaviour, body: &Value) -> Result<(), Refusal> {
    let asked = body.get("features").is_some() || body.get("logplex_log_enabled").is_some();
    if asked && behaviour.settings_patch == SettingsPatch::Refused {
        return Err(Refusal::bad("Unknown field"));
    }
    Ok(())
}

/// Sets database and schema; answers whether the body named either.
fn set_place(data: &mut ConnectionData, body: &Value) -> bool {
    let key = body["db_key"].as_str();
    let schema = body["schema_name"].as_str();
    if let Some(key) = key {
        data.db_key = Some(key.to_owned());
    }
    if let Some(schema) = schema
        && data
            .schema_name
            .replace(schema.to_owned())
            .is_some_and(|before| before != schema)
    {
        for mapping in &mut data.mappings {
            mapping.state = MappingState::Initial;
            mapping.poll_ends = None;
            mapping.work = Work::Apply { reload: true };
        }
    }
    key.is_some() || schema.is_some()
}

fn leave_old_state(data: &mut ConnectionData, behaviour: &Behaviour, now: jiff::Timestamp) {
    let is_placed = data.db_key.is_some() && data.schema_name.is_some();
    match data.state {
        ConnectionState::New if is_placed && data.login.is_none() => {
            data.state = ConnectionState::NeedAuthentication
        }
        ConnectionState::New if is_placed => data.state = ConnectionState::Idle,
        ConnectionState::Paused
            if behaviour.patch_unpauses && behaviour.unpause_delay.is_zero() =>
        {
            data.state = ConnectionState::Idle;
        }
        ConnectionState::Paused if behaviour.patch_unpauses => {
            data.unpause_at = Some(now + behaviour.unpause_delay)
        }
        ConnectionState::DbUnavailable | ConnectionState::SystemError => {
            data.state = ConnectionState::Idle
        }
        _ => {}
    }
}

fn set_settings(data: &mut ConnectionData, body: &Value) {
    if let Some(features) = body["features"].as_object() {
        data.features.extend(features.clone());
    }
    if let Some(enabled) = body["logplex_log_enabled"].as_bool() {
        data.logplex_log_enabled = enabled;
    }
}
