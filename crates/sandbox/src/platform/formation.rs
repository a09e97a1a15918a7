//! The formation over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::error::Body;
use super::identity::{Identity, Quantity};
use super::{range, represent};
use crate::world::{FormationChange, ProcessType, Refusal, World};

#[derive(Deserialize)]
pub(super) struct Batch {
    updates: Vec<Update>,
}

/// `size` is what the CLI sends, `dyno_size` what the schema names.
#[derive(Deserialize)]
pub(super) struct Update {
    r#type: Option<String>,
    quantity: Option<Quantity>,
    size: Option<Identity>,
    dyno_size: Option<Identity>,
}

impl Update {
    fn change(self, process: String) -> FormationChange {
        FormationChange {
            process,
            quantity: self.quantity.map(|quantity| quantity.0),
            size: self.size.or(self.dyno_size).map(|size| size.0),
        }
    }
}

pub(super) async fn list(
    State(world): State<World>,
    Path(app): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let all = world.with(|state| {
        let app = state.app(&app)?;
        let shown = app
            .formation
            .values()
            .map(|process| represent::formation(process, app));
        Ok::<_, Refusal>(shown.collect())
    })?;
    Ok(range::list(&headers, &["type", "id"], all))
}

pub(super) async fn info(
    State(world): State<World>,
    Path((app, process)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let app = state.app(&app)?;
        Ok(Json(represent::formation(app.process(&process)?, app)))
    })
}

pub(super) async fn update(
    State(world): State<World>,
    Path(app): Path<String>,
    Body(batch): Body<Batch>,
) -> Result<Json<Value>, Refusal> {
    let changes = batch
        .updates
        .into_iter()
        .map(|mut update| {
            let process = update.r#type.take();
            let process = process.ok_or_else(|| Refusal::invalid("Type is missing."))?;
            Ok(update.change(process))
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    let changed = world.scale(&app, &changes)?;
    shown(&world, &app, &changed).map(|all| Json(all.into()))
}

pub(super) async fn update_one(
    State(world): State<World>,
    Path((app, process)): Path<(String, String)>,
    Body(update): Body<Update>,
) -> Result<Json<Value>, Refusal> {
    let changed = world.scale(&app, &[update.change(process)])?;
    let mut shown = shown(&world, &app, &changed)?;
    shown
        .pop()
        .map(Json)
        .ok_or_else(|| Refusal::not_found("formation"))
}

fn shown(world: &World, app: &str, changed: &[ProcessType]) -> Result<Vec<Value>, Refusal> {
    world.with(|state| {
        let app = state.app(app)?;
        Ok(changed
            .iter()
            .map(|process| represent::formation(process, app))
            .collect())
    })
}
