//! Every route of the Platform API that the sandbox knows.

use axum::extract::Request;
use axum::http::header::ACCEPT;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};

use super::{account, addons, apps, attachments, catalog, dynos, formation, releases, resolve};
use crate::http::{Bucket, limit};
use crate::world::{Refusal, World};

/// The API. Each request counts against `bucket`.
pub(crate) fn router(world: World, bucket: Bucket) -> Router {
    let rate_limits = account::rate_limits_route(bucket.clone());
    Router::new()
        .route("/account", get(account::info))
        .route("/apps", get(apps::list))
        .route("/apps/{app}", get(apps::info).patch(apps::update))
        .route(
            "/apps/{app}/config-vars",
            get(apps::config_vars).patch(apps::set_config_vars),
        )
        .route(
            "/apps/{app}/pre-authorizations",
            put(async || Json(serde_json::json!({}))),
        )
        .merge(addon_routes())
        .merge(process_routes())
        .merge(catalog_routes())
        .with_state(world)
        .merge(rate_limits)
        .route_layer(from_fn(acceptable))
        .route_layer(from_fn_with_state(bucket, limit))
}

fn addon_routes() -> Router<World> {
    Router::new()
        .route("/addons", get(addons::list_all))
        .route("/addons/{addon}", get(addons::info_anywhere))
        .route(
            "/addons/{addon}/addon-attachments",
            get(attachments::of_addon),
        )
        .route("/addons/{addon}/config", get(addons::config))
        .route(
            "/addons/{addon}/config/{namespace}",
            get(addons::config_of_namespace),
        )
        .route("/apps/{app}/addons", get(addons::list).post(addons::create))
        .route(
            "/apps/{app}/addons/{addon}",
            get(addons::info)
                .patch(addons::update)
                .delete(addons::destroy),
        )
        .route(
            "/addon-attachments",
            get(attachments::list_all).post(attachments::create),
        )
        .route(
            "/addon-attachments/{attachment}",
            get(attachments::info).delete(attachments::destroy),
        )
        .route("/apps/{app}/addon-attachments", get(attachments::list))
        .route(
            "/apps/{app}/addon-attachments/{attachment}",
            get(attachments::info_in_app),
        )
        .route("/actions/addons/resolve", post(resolve::addons))
        .route(
            "/actions/addon-attachments/resolve",
            post(resolve::attachments),
        )
}

fn process_routes() -> Router<World> {
    Router::new()
        .route(
            "/apps/{app}/formation",
            get(formation::list).patch(formation::update),
        )
        .route(
            "/apps/{app}/formation/{process}",
            get(formation::info).patch(formation::update_one),
        )
        .route(
            "/apps/{app}/dynos",
            get(dynos::list).post(dynos::run).delete(dynos::restart_all),
        )
        .route(
            "/apps/{app}/dynos/{dyno}",
            get(dynos::info).delete(dynos::restart),
        )
        .route(
            "/apps/{app}/dynos/{dyno}/actions/stop",
            post(dynos::restart),
        )
        .route("/apps/{app}/formations/{dyno}", delete(dynos::restart))
        .route(
            "/apps/{app}/formations/{dyno}/actions/stop",
            post(dynos::restart),
        )
        .route(
            "/apps/{app}/releases",
            get(releases::list).post(releases::rollback),
        )
        .route("/apps/{app}/releases/{release}", get(releases::info))
        .route(
            "/apps/{app}/releases/{release}/config-vars",
            get(releases::config_vars),
        )
}

fn catalog_routes() -> Router<World> {
    Router::new()
        .route("/dyno-sizes", get(catalog::dyno_sizes))
        .route("/plans/{plan}", get(catalog::plan))
        .route("/addon-services", get(catalog::services))
        .route("/addon-services/{service}", get(catalog::service))
        .route("/addon-services/{service}/plans", get(catalog::plans))
        .route(
            "/addon-services/{service}/plans/{plan}",
            get(catalog::plan_of_service),
        )
}

/// Only `application/vnd.heroku+json; version=3` and its variants are spoken.
async fn acceptable(request: Request, next: Next) -> Response {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    let spoken = accept.is_some_and(|accept| {
        accept.contains("application/vnd.heroku+json") && accept.contains("version=3")
    });
    if spoken {
        return next.run(request).await;
    }
    let message = "The Accept header must name application/vnd.heroku+json; version=3.";
    Refusal::new(406, "not_acceptable", message).into_response()
}
