//! The account behind the token.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::represent;
use crate::http::Bucket;
use crate::world::World;

pub(super) async fn info(State(world): State<World>) -> Json<Value> {
    Json(represent::account(&world))
}

pub(super) fn rate_limits_route(bucket: Bucket) -> Router {
    let remaining = async move || Json(json!({ "remaining": bucket.remaining() }));
    Router::new().route("/account/rate-limits", get(remaining))
}
