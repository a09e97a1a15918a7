//! The Data API's routes. Its refusals are its own: `{"error": "not found"}` for a database that
//! it does not know yet (heroku/heroku-pg#101), which the CLI tolerates only in that shape.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{database, wait};
use crate::world::{Addon, World};

/// The API.
pub(crate) fn router(world: World) -> Router {
    Router::new()
        .route("/client/v11/databases/{database}", get(info))
        .route(
            "/client/v11/databases/{database}/wait_status",
            get(wait_status),
        )
        .route(
            "/postgres/v0/databases/{database}/credentials",
            get(credentials),
        )
        .route(
            "/postgres/v0/databases/{database}/credentials/{name}",
            get(credential),
        )
        .with_state(world)
}

/// A database that the Data API does not know, or not yet.
struct Unknown;

impl IntoResponse for Unknown {
    fn into_response(self) -> Response {
        (StatusCode::NOT_FOUND, Json(json!({ "error": "not found" }))).into_response()
    }
}

fn find(world: &World, database: &str) -> Result<Addon, Unknown> {
    let addon = world
        .with(|state| state.addon(database).cloned())
        .map_err(|_| Unknown)?;
    if addon.plan.is_postgres() && wait::is_known(world, &addon) {
        Ok(addon)
    } else {
        Err(Unknown)
    }
}

async fn info(
    State(world): State<World>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Unknown> {
    let addon = find(&world, &name)?;
    Ok(Json(database::info(&world, &addon).await))
}

async fn wait_status(
    State(world): State<World>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Unknown> {
    Ok(Json(wait::status(&world, &find(&world, &name)?)))
}

async fn credentials(
    State(world): State<World>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Unknown> {
    let addon = find(&world, &name)?;
    Ok(Json(database::credentials(&addon).into()))
}

async fn credential(
    State(world): State<World>,
    Path((name, credential)): Path<(String, String)>,
) -> Result<Json<Value>, Unknown> {
    let addon = find(&world, &name)?;
    let all = database::credentials(&addon);
    all.into_iter()
        .find(|each| each["name"] == credential.as_str())
        .map(Json)
        .ok_or(Unknown)
}
