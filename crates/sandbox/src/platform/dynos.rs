//! Dynos over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::Body;
use super::identity::Identity;
use super::{range, represent};
use crate::world::{Refusal, World};

#[derive(Deserialize)]
pub(super) struct Run {
    command: String,
    r#type: Option<String>,
    size: Option<Identity>,
}

type Accepted = Result<(StatusCode, Json<Value>), Refusal>;

pub(super) async fn list(
    State(world): State<World>,
    Path(app): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let all = world.with(|state| {
        let app = state.app(&app)?;
        Ok::<_, Refusal>(
            app.dynos
                .iter()
                .map(|dyno| represent::dyno(dyno, app))
                .collect(),
        )
    })?;
    Ok(range::list(&headers, &["name", "id"], all))
}

pub(super) async fn info(
    State(world): State<World>,
    Path((app, dyno)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let app = state.app(&app)?;
        let dyno = app.dyno(&dyno).ok_or_else(|| Refusal::not_found("dyno"))?;
        Ok(Json(represent::dyno(dyno, app)))
    })
}

pub(super) async fn run(
    State(world): State<World>,
    Path(app): Path<String>,
    Body(run): Body<Run>,
) -> Accepted {
    let process_type = run.r#type.as_deref().unwrap_or("run");
    let size = run.size.map(|size| size.0);
    let id = world.run_one_off(&app, process_type, &run.command, size.as_deref())?;
    let Json(shown) = info(State(world), Path((app, id.to_string()))).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

pub(super) async fn restart_all(State(world): State<World>, Path(app): Path<String>) -> Accepted {
    world.restart(&app, None)?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

/// One dyno, or all of a process type. A stopped dyno of the formation is started again, as the
/// dyno manager does.
pub(super) async fn restart(
    State(world): State<World>,
    Path((app, which)): Path<(String, String)>,
) -> Accepted {
    world.restart(&app, Some(&which))?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}
