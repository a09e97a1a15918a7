//! Answers and refusals.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::connect::connection::Connection;
use crate::connect::service::Connect;

/// A refusal: `{message}` with a status. (Error bodies of this API are not documented; `message`
/// is what clients read.)
pub(super) struct Refusal(StatusCode, String);

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self(status, message.into())
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, axum::Json(json!({"message": self.1}))).into_response()
    }
}

/// A JSON answer with a status.
pub(super) fn json_answer(status: StatusCode, body: Value) -> Response {
    (status, axum::Json(body)).into_response()
}

/// A JSON body; an empty one is an empty object.
pub(super) fn body(bytes: &[u8]) -> Result<Value, Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(json!({}));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Refusal::bad(format!("JSON parse error: {error}")))
}

/// The connection of that id, if the operator is on its access list.
pub(super) fn visible(connect: &Connect, id: &str) -> Result<Arc<Connection>, Refusal> {
    let id = Uuid::parse_str(id).map_err(|_| Refusal::not_found())?;
    let found = connect
        .connections()
        .into_iter()
        .find(|connection| connection.id == id);
    found
        .filter(|connection| connection.data().visible)
        .ok_or_else(Refusal::not_found)
}

/// The connection that has the mapping of that id, and that id.
pub(super) fn with_mapping(
    connect: &Connect,
    id: &str,
) -> Result<(Arc<Connection>, Uuid), Refusal> {
    let id = Uuid::parse_str(id).map_err(|_| Refusal::not_found())?;
    let found = connect.connections().into_iter().find(|connection| {
        let data = connection.data();
        data.visible && data.mapping(id).is_some()
    });
    found
        .map(|connection| (connection, id))
        .ok_or_else(Refusal::not_found)
}
