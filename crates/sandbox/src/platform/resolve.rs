//! From a word on a command line to add-ons and attachments.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::error::Body;
use super::represent::{self, Expansion, Inclusion};
use crate::world::{Addon, Attachment, Refusal, State as Heroku, World};

#[derive(Deserialize)]
pub(super) struct AddonQuery {
    addon: String,
    app: Option<String>,
    addon_service: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct AttachmentQuery {
    addon_attachment: String,
    app: Option<String>,
    addon_service: Option<String>,
}

/// By add-on name or id anywhere; within an app also by attachment or service.
pub(super) async fn addons(
    State(world): State<World>,
    headers: HeaderMap,
    Body(query): Body<AddonQuery>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let found = find_addons(state, &query)?;
        let shown = found
            .into_iter()
            .filter(|addon| serves(addon, query.addon_service.as_deref()))
            .map(|addon| represent::addon(addon, state, Expansion::of(&headers), &world))
            .collect::<Vec<_>>();
        if shown.is_empty() {
            Err(Refusal::not_found("addon"))
        } else {
            Ok(Json(shown.into()))
        }
    })
}

fn find_addons<'a>(state: &'a Heroku, query: &AddonQuery) -> Result<Vec<&'a Addon>, Refusal> {
    let Some(app) = &query.app else {
        return Ok(state.addon(&query.addon).into_iter().collect());
    };
    let app = state.app(app)?.id;
    if let Ok(addon) = state.addon_of_app(app, &query.addon) {
        return Ok(vec![addon]);
    }
    let of_service =
        |addon: &&Addon| addon.plan.service().name == query.addon || addon.plan.name == query.addon;
    Ok(state
        .addons
        .values()
        .filter(|addon| addon.app == app)
        .filter(of_service)
        .collect())
}

/// By attachment name, by config var name or by the add-on behind it.
pub(super) async fn attachments(
    State(world): State<World>,
    headers: HeaderMap,
    Body(query): Body<AttachmentQuery>,
) -> Result<Json<Value>, Refusal> {
    world.with(|state| {
        let app = query
            .app
            .as_deref()
            .map(|app| state.app(app).map(|app| app.id))
            .transpose()?;
        let shown = state
            .attachments
            .iter()
            .filter(|attachment| app.is_none_or(|app| attachment.app == app))
            .filter(|attachment| names(state, attachment, &query))
            .map(|attachment| represent::attachment(attachment, state, Inclusion::of(&headers)))
            .collect::<Vec<_>>();
        if shown.is_empty() {
            Err(Refusal::not_found("attachment"))
        } else {
            Ok(Json(shown.into()))
        }
    })
}

fn names(state: &Heroku, attachment: &Attachment, query: &AttachmentQuery) -> bool {
    let word = query.addon_attachment.as_str();
    let Some(addon) = state.addons.get(&attachment.addon) else {
        return false;
    };
    let named = attachment.name.eq_ignore_ascii_case(word)
        || format!("{}_URL", attachment.name).eq_ignore_ascii_case(word)
        || addon.name == word
        || addon.id.to_string() == word;
    named && serves(addon, query.addon_service.as_deref())
}

fn serves(addon: &Addon, service: Option<&str>) -> bool {
    service.is_none_or(|service| addon.plan.service().name == service)
}
