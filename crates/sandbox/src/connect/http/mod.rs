//! Connect over HTTP: discovery, the region API under `/api/v3`, the login page, and control.

mod answer;
mod connections;
mod control;
mod discovery;
mod login;
mod mappings;
mod patch;
mod render;
mod reports;
mod user_info;

use axum::Router;
use axum::routing::{get, post};

use super::service::Connect;

/// Everything below this path is for a browser: it carries no token.
pub const PUBLIC_PREFIX: &str = "/_sandbox/connect/login/";

/// Every route of Connect, to be merged into the sandbox's one port. The caller has checked the
/// bearer token, save below [`PUBLIC_PREFIX`]; `/_sandbox/` is control and needs none.
pub fn router(connect: Connect) -> Router {
    Router::new()
        .route("/auth/{app}", post(discovery::auth))
        .route("/connections", get(discovery::search))
        .nest("/api/v3", region())
        .nest(
            "/_sandbox/connect",
            login::routes().merge(control::routes()),
        )
        .with_state(connect)
}

fn region() -> Router<Connect> {
    Router::new()
        .route("/apps/{app}", get(connections::db_keys))
        .route(
            "/connections/{id}",
            get(connections::show).patch(patch::patch),
        )
        .route(
            "/connections/{id}/authorize_url",
            post(login::authorize_url),
        )
        .route("/connections/{id}/actions/pause", post(connections::pause))
        .route(
            "/connections/{id}/actions/resume",
            post(connections::resume),
        )
        .route(
            "/connections/{id}/actions/restart",
            post(connections::restart),
        )
        .route("/connections/{id}/actions/export", get(connections::export))
        .route(
            "/connections/{id}/actions/import",
            post(connections::import),
        )
        .route("/connections/{id}/mappings", post(mappings::create))
        .route("/connections/{id}/schemas/{object}", get(reports::schema))
        .route("/connections/{id}/errors", get(reports::connection_errors))
        .route(
            "/connections/{id}/notifications",
            get(reports::notifications),
        )
        .route(
            "/connections/{id}/notifications/acknowledge",
            post(reports::acknowledge),
        )
        .route("/connections/{id}/validations", post(reports::validate))
        .route(
            "/connections/{id}/validations/{run}",
            get(reports::validation_result),
        )
        .route(
            "/mappings/{id}",
            get(mappings::show)
                .put(mappings::replace)
                .delete(mappings::delete),
        )
        .route("/mappings/{id}/actions/reload", post(mappings::reload))
        .route("/mappings/{id}/errors", get(reports::mapping_errors))
        .route(
            "/mappings/{id}/validations",
            get(reports::mapping_validation),
        )
}
