//! What is sold.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use super::{range, represent};
use crate::world::{Plan, Refusal, SERVICES, Service, World};

pub(super) async fn dyno_sizes(State(world): State<World>) -> Json<Value> {
    Json(represent::dyno_sizes(&world))
}

pub(super) async fn plan(Path(plan): Path<String>) -> Result<Json<Value>, Refusal> {
    let plan = Plan::find(&plan).ok_or_else(|| Refusal::not_found("plan"))?;
    Ok(Json(represent::plan(plan)))
}

pub(super) async fn services(headers: HeaderMap) -> Response {
    range::list(
        &headers,
        &["name", "id"],
        SERVICES.iter().map(represent::service).collect(),
    )
}

fn find(name: &str) -> Result<&'static Service, Refusal> {
    Service::find(name).ok_or_else(|| Refusal::not_found("addon_service"))
}

pub(super) async fn service(Path(service): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(represent::service(find(&service)?)))
}

pub(super) async fn plans(
    Path(service): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let plans = Plan::of(find(&service)?).map(represent::plan).collect();
    Ok(range::list(&headers, &["name", "id"], plans))
}

/// The plan's name may stand with or without its service.
pub(super) async fn plan_of_service(
    Path((service, plan)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let service = find(&service)?;
    let plan = Plan::of(service)
        .find(|each| each.name == plan || each.short_name() == plan || each.id.to_string() == plan)
        .ok_or_else(|| Refusal::not_found("plan"))?;
    Ok(Json(represent::plan(plan)))
}
