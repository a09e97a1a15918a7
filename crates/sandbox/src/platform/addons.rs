//! Add-ons over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::Body;
use super::identity::Identity;
use super::range;
use super::represent::{self, Expansion};
use crate::world::{Addon, Namespace, NewAddon, Refusal, State as Heroku, World};

#[derive(Deserialize)]
pub(super) struct Create {
    plan: Identity,
    name: Option<String>,
    attachment: Option<AttachmentName>,
    confirm: Option<String>,
    config: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct AttachmentName {
    name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Update {
    name: Option<String>,
    plan: Option<Identity>,
}

#[derive(Default, Deserialize)]
struct Destroy {
    #[serde(default)]
    force: bool,
}

fn shown(world: &World, headers: &HeaderMap, id: Uuid) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let addon = state
            .addons
            .get(&id)
            .ok_or_else(|| Refusal::not_found("addon"))?;
        Ok(Json(represent::addon(
            addon,
            state,
            Expansion::of(headers),
            world,
        )))
    })
}

fn listed(world: &World, headers: &HeaderMap, keep: impl Fn(&Heroku, &Addon) -> bool) -> Response {
    let addons = world.with(|state| {
        let kept = state.addons.values().filter(|addon| keep(state, addon));
        kept.map(|addon| represent::addon(addon, state, Expansion::of(headers), world))
            .collect()
    });
    range::list(headers, &["name", "id"], addons)
}

pub(super) async fn list_all(State(world): State<World>, headers: HeaderMap) -> Response {
    listed(&world, &headers, |_, _| true)
}

pub(super) async fn list(
    State(world): State<World>,
    Path(app): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let app = world.with(|state| Ok::<_, Refusal>(state.app(&app)?.id))?;
    Ok(listed(&world, &headers, |_, addon| addon.app == app))
}

pub(super) async fn info(
    State(world): State<World>,
    Path((app, addon)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let id = world.with(|state| {
        let app = state.app(&app)?.id;
        Ok::<_, Refusal>(state.addon_of_app(app, &addon)?.id)
    })?;
    shown(&world, &headers, id)
}

pub(super) async fn info_anywhere(
    State(world): State<World>,
    Path(addon): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let id = world.with(|state| Ok::<_, Refusal>(state.addon(&addon)?.id))?;
    shown(&world, &headers, id)
}

pub(super) async fn create(
    State(world): State<World>,
    Path(app): Path<String>,
    headers: HeaderMap,
    Body(create): Body<Create>,
) -> Result<Response, Refusal> {
    let new = NewAddon {
        plan: create.plan.0,
        name: create.name,
        attachment: create.attachment.and_then(|attachment| attachment.name),
        confirm: create.confirm,
        config: create.config.unwrap_or_default(),
    };
    let id = world.create_addon(&app, &new)?;
    Ok((StatusCode::CREATED, shown(&world, &headers, id)?).into_response())
}

pub(super) async fn update(
    State(world): State<World>,
    Path((app, addon)): Path<(String, String)>,
    headers: HeaderMap,
    Body(update): Body<Update>,
) -> Result<Json<Value>, Refusal> {
    let plan = update.plan.map(|plan| plan.0);
    let id = world.update_addon(&app, &addon, update.name.as_deref(), plan.as_deref())?;
    shown(&world, &headers, id)
}

pub(super) async fn destroy(
    State(world): State<World>,
    Path((app, addon)): Path<(String, String)>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Json<Value>, Refusal> {
    let destroy = if body.is_empty() {
        Destroy::default()
    } else {
        serde_json::from_slice(&body).map_err(|error| Refusal::invalid(error.to_string()))?
    };
    let addon = world.destroy_addon(&app, &addon, destroy.force)?;
    Ok(Json(world.with(|state| {
        represent::addon(&addon, state, Expansion::of(&headers), &world)
    })))
}

/// The add-on's own config: of a database, its URL.
pub(super) async fn config(
    State(world): State<World>,
    Path(addon): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let addon = state.addon(&addon)?;
        let vars = state.attachments_to(addon.id).take(1);
        let vars = vars.flat_map(|attachment| attachment.config_vars(addon));
        Ok(Json(
            vars.map(|(name, value)| json!({ "name": name, "value": value }))
                .collect(),
        ))
    })
}

/// What a namespace would set; empty where there is no such namespace.
pub(super) async fn config_of_namespace(
    State(world): State<World>,
    Path((addon, namespace)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let addon = state.addon(&addon)?;
        let there = match Namespace::parse(&namespace) {
            Some(Namespace::Credential(name)) => addon
                .credentials
                .iter()
                .any(|credential| credential.name == name),
            Some(Namespace::Pooling) => addon.plan.is_postgres(),
            None => false,
        };
        let entry = json!({ "name": namespace, "value": "" });
        Ok(Json(if there { json!([entry]) } else { json!([]) }))
    })
}
