//! Attachments over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::error::Body;
use super::identity::Identity;
use super::range;
use super::represent::{self, Inclusion};
use crate::world::{Attachment, NewAttachment, Refusal, World};

#[derive(Deserialize)]
pub(super) struct Create {
    addon: Identity,
    app: Identity,
    name: Option<String>,
    namespace: Option<String>,
    confirm: Option<String>,
}

fn shown(world: &World, headers: &HeaderMap, attachment: &Attachment) -> Json<Value> {
    let inclusion = Inclusion::of(headers);
    Json(world.with(|state| represent::attachment(attachment, state, inclusion)))
}

fn listed(world: &World, headers: &HeaderMap, keep: impl Fn(&Attachment) -> bool) -> Response {
    let inclusion = Inclusion::of(headers);
    let attachments = world.with(|state| {
        let kept = state
            .attachments
            .iter()
            .filter(|attachment| keep(attachment));
        kept.map(|attachment| represent::attachment(attachment, state, inclusion))
            .collect()
    });
    range::list(headers, &["name", "id"], attachments)
}

pub(super) async fn list_all(State(world): State<World>, headers: HeaderMap) -> Response {
    listed(&world, &headers, |_| true)
}

pub(super) async fn list(
    State(world): State<World>,
    Path(app): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let app = world.with(|state| Ok::<_, Refusal>(state.app(&app)?.id))?;
    Ok(listed(&world, &headers, |attachment| attachment.app == app))
}

pub(super) async fn of_addon(
    State(world): State<World>,
    Path(addon): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let addon = world.with(|state| Ok::<_, Refusal>(state.addon(&addon)?.id))?;
    Ok(listed(&world, &headers, |attachment| {
        attachment.addon == addon
    }))
}

fn find(world: &World, id: &str) -> Result<Attachment, Refusal> {
    let missing = || Refusal::not_found("attachment");
    let id = id.parse::<Uuid>().map_err(|_| missing())?;
    world
        .with(|state| state.attachment(id).cloned())
        .ok_or_else(missing)
}

pub(super) async fn info(
    State(world): State<World>,
    Path(attachment): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let attachment = find(&world, &attachment)?;
    Ok(shown(&world, &headers, &attachment))
}

pub(super) async fn info_in_app(
    State(world): State<World>,
    Path((app, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let attachment = world.with(|state| {
        let app = state.app(&app)?.id;
        let id = name.parse::<Uuid>().ok();
        let found = state
            .attachment_named(app, &name)
            .or_else(|| state.attachment(id?));
        found
            .cloned()
            .ok_or_else(|| Refusal::not_found("attachment"))
    })?;
    Ok(shown(&world, &headers, &attachment))
}

pub(super) async fn create(
    State(world): State<World>,
    headers: HeaderMap,
    Body(create): Body<Create>,
) -> Result<Response, Refusal> {
    let new = NewAttachment {
        addon: create.addon.0,
        app: create.app.0,
        name: create.name,
        namespace: create.namespace,
        confirm: create.confirm,
    };
    let attachment = world.attach(new).await?;
    Ok((StatusCode::CREATED, shown(&world, &headers, &attachment)).into_response())
}

pub(super) async fn destroy(
    State(world): State<World>,
    Path(attachment): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let id = find(&world, &attachment)?.id;
    let attachment = world.detach(id)?;
    Ok(shown(&world, &headers, &attachment))
}
