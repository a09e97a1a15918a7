//! Refusals as the Platform API words them: `{id, message, resource?}`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::world::Refusal;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "id": self.id, "message": self.message });
        if let Some(resource) = self.resource {
            body["resource"] = resource.into();
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(body)).into_response();
        if let Some(app) = self
            .confirmation
            .and_then(|app| HeaderValue::from_str(&app).ok())
        {
            response
                .headers_mut()
                .insert("X-Confirmation-Required", app);
        }
        response
    }
}

/// A JSON body; one that is not gets 400 `bad_request`, one of another shape 422
/// `invalid_params`.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bad = |message: String| Refusal::new(400, "bad_request", message);
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| bad(error.body_text()))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            if error.is_data() {
                Refusal::invalid(error.to_string())
            } else {
                bad(error.to_string())
            }
        })
    }
}
