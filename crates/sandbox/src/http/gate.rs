//! What every request passes: it is written down, faults are played, its token is checked.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RANGE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use uuid::Uuid;

use super::fault::{Fault, FaultKind, Faults};
use super::listener::Abort;
use super::log::{LoggedRequest, RequestLog};
use super::tokens::Tokens;
use crate::clock::Clock;
use crate::world::Refusal;

/// The largest body that is read: exports of Connect are far below it.
const BODY_LIMIT: usize = 64 << 20;
/// The longest that a hanging request hangs, in real time: twice the CLI's own patience.
const HANG: Duration = Duration::from_secs(120);

/// What the gate needs.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) clock: Clock,
    pub(crate) log: RequestLog,
    pub(crate) faults: Faults,
    pub(crate) tokens: Tokens,
}

/// The outermost layer of the port. What lies below `/_sandbox` is control, and the pages that a
/// browser visits: neither logged nor guarded.
pub(crate) async fn guard(
    State(gate): State<Gate>,
    ConnectInfo(abort): ConnectInfo<Abort>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/_sandbox") {
        return next.run(request).await;
    }
    let request_id = request_id(request.headers());
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    let number = gate.log.begin(entry(&gate, &parts, &body, &request_id));
    let fault = gate.faults.hit(parts.method.as_str(), &target);
    let fault_id = fault.as_ref().map(|fault| fault.id);
    let request = Request::from_parts(parts, Body::from(body));
    let mut response = match fault {
        None => gate.enter(request, next).await,
        Some(fault) => gate.play(fault, &abort, request, next).await,
    };
    let status = response
        .extensions()
        .get::<NoAnswer>()
        .is_none()
        .then(|| response.status().as_u16());
    gate.log.finish(number, status, fault_id);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("Request-Id", value);
    }
    response
}

/// Marks an answer that never arrives.
#[derive(Clone, Copy)]
struct NoAnswer;

impl Gate {
    async fn enter(&self, request: Request, next: Next) -> Response {
        if !self.tokens.accept(request.headers()) {
            let refusal = Refusal::new(401, "unauthorized", "Invalid credentials provided.");
            return refusal.into_response();
        }
        next.run(request).await
    }

    async fn play(&self, fault: Fault, abort: &Abort, request: Request, next: Next) -> Response {
        match fault.kind {
            FaultKind::ErrorBefore { status, body } => error(status, body),
            FaultKind::ErrorAfter { status, body } => {
                self.enter(request, next).await;
                error(status, body)
            }
            FaultKind::HangBefore => hang(abort).await,
            FaultKind::HangAfter => {
                self.enter(request, next).await;
                hang(abort).await
            }
            FaultKind::ResetBefore => reset(abort),
            FaultKind::ResetAfter => {
                self.enter(request, next).await;
                reset(abort)
            }
            FaultKind::TruncatedBody => truncated(self.enter(request, next).await).await,
            FaultKind::MalformedJson => {
                self.enter(request, next).await;
                (
                    [(CONTENT_TYPE, "application/json")],
                    "{\"id\": \"01234567-89",
                )
                    .into_response()
            }
            FaultKind::RateLimited => Refusal::new(
                429,
                "rate_limit",
                "Your account reached the API rate limit.",
            )
            .into_response(),
            FaultKind::NotFound => Refusal::new(
                404,
                "not_found",
                "The requested API endpoint was not found.",
            )
            .into_response(),
        }
    }
}

fn error(status: u16, body: serde_json::Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}

fn reset(abort: &Abort) -> Response {
    abort.now();
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(NoAnswer);
    response
}

/// Ends when the client gives up: then this future is dropped with its connection.
async fn hang(abort: &Abort) -> Response {
    tokio::time::sleep(HANG).await;
    reset(abort)
}

async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let half = bytes.slice(..bytes.len() / 2);
    parts.headers.insert(CONTENT_LENGTH, bytes.len().into());
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Response::from_parts(
        parts,
        Body::from_stream(stream::iter([Ok(half), Err(broken)])),
    )
}

fn request_id(headers: &HeaderMap) -> String {
    let given = headers
        .get("Request-Id")
        .and_then(|value| value.to_str().ok());
    let first = given.and_then(|ids| ids.split(',').next()).map(str::trim);
    match first.filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => Uuid::new_v4().to_string(),
    }
}

fn entry(
    gate: &Gate,
    parts: &axum::http::request::Parts,
    body: &Bytes,
    request_id: &str,
) -> LoggedRequest {
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .map(str::to_owned)
    };
    LoggedRequest {
        number: 0,
        at: gate.clock.now(),
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        body: serde_json::from_slice(body).ok(),
        status: None,
        user_agent: header(USER_AGENT),
        accept: header(ACCEPT),
        range: header(RANGE),
        request_id: request_id.to_owned(),
        fault: None,
    }
}
