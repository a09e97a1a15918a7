//! Releases over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::error::Body;
use super::{range, represent};
use crate::world::{Refusal, World};

#[derive(Deserialize)]
pub(super) struct Rollback {
    release: String,
}

pub(super) async fn list(
    State(world): State<World>,
    Path(app): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let all = world.with(|state| {
        let app = state.app(&app)?;
        let shown = app
            .releases
            .iter()
            .map(|release| represent::release(release, app, &world));
        Ok::<_, Refusal>(shown.collect())
    })?;
    Ok(range::list(&headers, &["version", "id"], all))
}

pub(super) async fn info(
    State(world): State<World>,
    Path((app, release)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let app = state.app(&app)?;
        let release = app
            .release(&release)
            .ok_or_else(|| Refusal::not_found("release"))?;
        Ok(Json(represent::release(release, app, &world)))
    })
}

/// The config vars that the release was made with.
pub(super) async fn config_vars(
    State(world): State<World>,
    Path((app, release)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let app = state.app(&app)?;
        let release = app
            .release(&release)
            .ok_or_else(|| Refusal::not_found("release"))?;
        Ok(Json(serde_json::json!(release.config)))
    })
}

pub(super) async fn rollback(
    State(world): State<World>,
    Path(app): Path<String>,
    Body(rollback): Body<Rollback>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let id = world.rollback(&app, &rollback.release)?;
    let shown = info(State(world), Path((app, id.to_string()))).await?;
    Ok((StatusCode::CREATED, shown))
}
