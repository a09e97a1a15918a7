//! `/_sandbox/connect/…`: what a person or a script may make happen. `{addon}` is an add-on's
//! name or id, or a connection's id.
//!
//! | Request | Body | Effect |
//! |---|---|---|
//! | `POST /{addon}/mappings/{object}/fail` | `{state?, message?, after_rows?}` | the mapping stops (`ABORTED` by default) |
//! | `POST /{addon}/unpause` | | as somebody at the dashboard |
//! | `POST /{addon}/state` | `{state}` | puts the connection into a state |
//! | `POST /{addon}/pause_refusals` | `{times}` | the next pauses answer 409 |
//! | `POST /{addon}/settings` | `{features?, logplex_log_enabled?}` | as support or the dashboard |
//! | `POST /{addon}/mappings/{object}/write_errors` | `{message}` | adds a write error |
//! | `POST /apps/{app}/behaviour` | `{load_rows_per_second?, login?, login_without_asking?, settings_patch?, patch_unpauses?}` | |
//! | `POST /apps/{app}/records/{object}` | `{id?, values}` | somebody changes a record in Salesforce |
//! | `GET /apps/{app}/writes` | | every write to the organisation |
//! | `GET /overlaps` | | two connections on one database |

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::answer::{Refusal, body, json_answer};
use crate::connect::control::MappingFailure;
use crate::connect::error::ConnectError;
use crate::connect::options::{Behaviour, Login, SettingsPatch};
use crate::connect::service::Connect;
use crate::connect::state::{ConnectionState, MappingState};
use crate::salesforce::{Source, Values, Write};

/// Below `/_sandbox/connect`.
pub(super) fn routes() -> Router<Connect> {
    Router::new()
        .route("/overlaps", get(overlaps))
        .route("/apps/{app}/behaviour", post(behaviour))
        .route("/apps/{app}/records/{object}", post(record))
        .route("/apps/{app}/writes", get(writes))
        .route("/{addon}/mappings/{object}/fail", post(fail))
        .route("/{addon}/mappings/{object}/write_errors", post(write_error))
        .route("/{addon}/unpause", post(unpause))
        .route("/{addon}/state", post(state))
        .route("/{addon}/pause_refusals", post(pause_refusals))
        .route("/{addon}/settings", post(settings))
}

impl From<ConnectError> for Refusal {
    fn from(error: ConnectError) -> Self {
        let status = match error {
            ConnectError::UnknownAddon(_) | ConnectError::UnknownMapping(_) => {
                StatusCode::NOT_FOUND
            }
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.full())
    }
}

fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

async fn fail(
    State(connect): State<Connect>,
    Path((addon, object)): Path<(String, String)>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let body = body(&bytes)?;
    let name = body["state"].as_str().unwrap_or("ABORTED");
    let state = MappingState::from_name(name)
        .ok_or_else(|| Refusal::bad(format!("no mapping state {name}")))?;
    let message = body["message"]
        .as_str()
        .unwrap_or(state.description())
        .to_owned();
    let after_rows = body["after_rows"].as_u64().unwrap_or(0);
    connect.fail_mapping(
        &addon,
        &object,
        MappingFailure {
            state,
            message,
            after_rows,
        },
    )?;
    Ok(done())
}

async fn unpause(
    State(connect): State<Connect>,
    Path(addon): Path<String>,
) -> Result<Response, Refusal> {
    connect.unpause(&addon)?;
    Ok(done())
}

async fn state(
    State(connect): State<Connect>,
    Path(addon): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let body = body(&bytes)?;
    let state = body["state"].as_str().and_then(ConnectionState::from_name);
    connect.set_state(&addon, state.ok_or_else(|| Refusal::bad("no such state"))?)?;
    Ok(done())
}

async fn pause_refusals(
    State(connect): State<Connect>,
    Path(addon): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let times = body(&bytes)?["times"]
        .as_u64()
        .and_then(|times| u32::try_from(times).ok());
    connect.refuse_pauses(
        &addon,
        times.ok_or_else(|| Refusal::bad("times is required"))?,
    )?;
    Ok(done())
}

async fn settings(
    State(connect): State<Connect>,
    Path(addon): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let body = body(&bytes)?;
    for (flag, value) in body["features"].as_object().into_iter().flatten() {
        connect.set_feature(&addon, flag, value == &Value::Bool(true))?;
    }
    if let Some(enabled) = body["logplex_log_enabled"].as_bool() {
        connect.set_application_logging(&addon, enabled)?;
    }
    Ok(done())
}

async fn write_error(
    State(connect): State<Connect>,
    Path((addon, object)): Path<(String, String)>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let body = body(&bytes)?;
    connect.add_write_error(
        &addon,
        &object,
        body["message"].as_str().unwrap_or("UNKNOWN_EXCEPTION"),
    )?;
    Ok(done())
}

async fn behaviour(
    State(connect): State<Connect>,
    Path(app): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let body = body(&bytes)?;
    connect.change_behaviour(&app, |behaviour| change(behaviour, &body));
    Ok(done())
}

fn change(behaviour: &mut Behaviour, body: &Value) {
    if let Some(rate) = body["load_rows_per_second"]
        .as_f64()
        .filter(|rate| *rate > 0.0)
    {
        behaviour.load_rows_per_second = rate;
    }
    if let Some(unpauses) = body["patch_unpauses"].as_bool() {
        behaviour.patch_unpauses = unpauses;
    }
    if let Some(unasked) = body["login_without_asking"].as_bool() {
        behaviour.login_without_asking = unasked;
    }
    behaviour.login = match body["login"].as_str() {
        Some("allow") => Login::Allow,
        Some("wrong_organisation") => Login::WrongOrganisation,
        Some("refuse") => Login::Refuse,
        _ => behaviour.login,
    };
    behaviour.settings_patch = match body["settings_patch"].as_str() {
        Some("applied") => SettingsPatch::Applied,
        Some("ignored") => SettingsPatch::Ignored,
        Some("refused") => SettingsPatch::Refused,
        _ => behaviour.settings_patch,
    };
}

async fn record(
    State(connect): State<Connect>,
    Path((app, object)): Path<(String, String)>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let body = body(&bytes)?;
    let pairs = body["values"].as_object().into_iter().flatten();
    let values: Values = pairs
        .map(|(field, value)| (field.clone(), text(value)))
        .collect();
    let id = connect.change_in_salesforce(&app, &object, body["id"].as_str(), &values)?;
    Ok(json_answer(StatusCode::OK, json!({"id": id})))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

async fn writes(State(connect): State<Connect>, Path(app): Path<String>) -> Response {
    let writes: Vec<Value> = connect.writes(&app).iter().map(write).collect();
    json_answer(StatusCode::OK, Value::Array(writes))
}

fn write(write: &Write) -> Value {
    let source = match &write.source {
        Source::Connection { resource_name, .. } => resource_name.clone(),
        Source::User(name) => format!("user: {name}"),
    };
    json!({
        "number": write.number,
        "at": write.at.to_string(),
        "source": source,
        "object": write.object,
        "action": format!("{:?}", write.action).to_lowercase(),
        "record_id": write.record_id,
        "values": write.values,
        "error": write.error,
    })
}

async fn overlaps(State(connect): State<Connect>) -> Response {
    let overlaps: Vec<Value> = connect
        .overlaps()
        .iter()
        .map(|overlap| {
            json!({
                "database": overlap.physical.database,
                "host": overlap.physical.host,
                "port": overlap.physical.port,
                "connections": overlap.connections,
                "from": overlap.from.to_string(),
                "to": overlap.to.map(|to| to.to_string()),
            })
        })
        .collect();
    json_answer(StatusCode::OK, Value::Array(overlaps))
}
