//! The request log, faults, tokens and the request budget.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::routes::Control;
use crate::http::{Fault, LoggedRequest};
use crate::world::Refusal;

pub(super) async fn list(State(control): State<Control>) -> Json<Vec<LoggedRequest>> {
    Json(control.log.all())
}

pub(super) async fn clear(State(control): State<Control>) -> StatusCode {
    control.log.clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn faults(State(control): State<Control>) -> Json<Vec<Fault>> {
    Json(control.faults.all())
}

pub(super) async fn add_fault(
    State(control): State<Control>,
    Json(fault): Json<Fault>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let id = control
        .faults
        .add(fault)
        .map_err(|error| Refusal::invalid(error.to_string()))?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

pub(super) async fn clear_faults(State(control): State<Control>) -> StatusCode {
    control.faults.clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn remove_fault(
    State(control): State<Control>,
    Path(id): Path<u64>,
) -> StatusCode {
    if control.faults.remove(id) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

#[derive(Deserialize)]
pub(super) struct Remaining {
    remaining: u32,
}

pub(super) async fn set_rate_limit(
    State(control): State<Control>,
    Json(wanted): Json<Remaining>,
) -> StatusCode {
    control.bucket.set(wanted.remaining);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
pub(super) struct Token {
    token: String,
}

pub(super) async fn add_token(
    State(control): State<Control>,
    Json(wanted): Json<Token>,
) -> StatusCode {
    control.tokens.add(SecretString::from(wanted.token));
    StatusCode::CREATED
}

pub(super) async fn revoke_token(
    State(control): State<Control>,
    Json(wanted): Json<Token>,
) -> StatusCode {
    control.tokens.revoke(&wanted.token);
    StatusCode::NO_CONTENT
}
