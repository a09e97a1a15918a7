//! The control API's routes.

use axum::Router;
use axum::routing::{delete, get, post, put};

use super::{apps, requests};
use crate::audit::Organisation;
use crate::http::{Bucket, Faults, RequestLog, Tokens};
use crate::world::World;

/// Everything that can be controlled.
#[derive(Clone)]
pub(crate) struct Control {
    pub(crate) world: World,
    pub(crate) log: RequestLog,
    pub(crate) faults: Faults,
    pub(crate) tokens: Tokens,
    pub(crate) bucket: Bucket,
    pub(crate) organisation: std::sync::Arc<dyn Organisation>,
}

/// The control API.
pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .route("/_sandbox", get(apps::overview))
        .route(
            "/_sandbox/requests",
            get(requests::list).delete(requests::clear),
        )
        .route(
            "/_sandbox/faults",
            get(requests::faults)
                .post(requests::add_fault)
                .delete(requests::clear_faults),
        )
        .route("/_sandbox/faults/{id}", delete(requests::remove_fault))
        .route("/_sandbox/rate-limit", put(requests::set_rate_limit))
        .route(
            "/_sandbox/tokens",
            post(requests::add_token).delete(requests::revoke_token),
        )
        .route("/_sandbox/apps/{app}", get(apps::summary))
        .route("/_sandbox/apps/{app}/audit", get(apps::audit))
        .route(
            "/_sandbox/apps/{app}/release-phase",
            put(apps::set_release_phase),
        )
        .route(
            "/_sandbox/apps/{app}/provisioning",
            put(apps::set_provisioning),
        )
        .route(
            "/_sandbox/apps/{app}/dyno-delays",
            put(apps::set_dyno_delays),
        )
        .route("/_sandbox/apps/{app}/one-off", post(apps::one_off))
        .route(
            "/_sandbox/addons/{addon}/credentials",
            post(apps::add_credential),
        )
        .route(
            "/_sandbox/addons/{addon}/following",
            put(apps::set_following),
        )
        .with_state(control)
}
