//! Apps and their config vars.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::error::Body;
use super::{range, represent};
use crate::world::{Refusal, World};

#[derive(Deserialize)]
pub(super) struct Update {
    maintenance: Option<bool>,
}

pub(super) async fn list(State(world): State<World>, headers: HeaderMap) -> Response {
    let apps = world.with(|state| {
        state
            .apps
            .values()
            .map(|app| represent::app(app, &world))
            .collect::<Vec<_>>()
    });
    range::list(&headers, &["name", "id", "updated_at"], apps)
}

pub(super) async fn info(
    State(world): State<World>,
    Path(app): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| Ok(Json(represent::app(state.app(&app)?, &world))))
}

pub(super) async fn update(
    State(world): State<World>,
    Path(app): Path<String>,
    Body(update): Body<Update>,
) -> Result<Json<Value>, Refusal> {
    if let Some(maintenance) = update.maintenance {
        world.set_maintenance(&app, maintenance)?;
    }
    info(State(world), Path(app)).await
}

pub(super) async fn config_vars(
    State(world): State<World>,
    Path(app): Path<String>,
) -> Result<Json<BTreeMap<String, String>>, Refusal> {
    world.with(|state| {
        let app = state.app(&app)?.id;
        Ok(Json(state.config_vars(app)))
    })
}

pub(super) async fn set_config_vars(
    State(world): State<World>,
    Path(app): Path<String>,
    Body(changes): Body<BTreeMap<String, Option<String>>>,
) -> Result<Json<BTreeMap<String, String>>, Refusal> {
    world.set_config_vars(&app, &changes).map(Json)
}
