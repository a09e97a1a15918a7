//! Where the Platform and Connect meet.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use crate::apps::ConnectAddon;
use crate::connect::Connect;
use crate::world::{AddonObserver, World};

/// Tells Connect of its add-ons.
pub(super) struct ConnectAddons(pub(super) Connect);

impl AddonObserver for ConnectAddons {
    fn created(&self, addon: ConnectAddon) {
        self.0.addon_created(addon);
    }

    fn destroyed(&self, addon: Uuid) {
        self.0.addon_destroyed(addon);
    }
}

/// After a change of a connection the add-on's config var (`HEROKUCONNECT_URL`, whose value is
/// `<db_key>:<schema>`) follows, and a changed value makes a release.
pub(super) async fn watch_settings(
    State((world, connect)): State<(World, Connect)>,
    request: Request,
    next: Next,
) -> Response {
    let changing = request.method() == Method::PATCH;
    let response = next.run(request).await;
    if changing && response.status().is_success() {
        for addon in world.connect_addon_names() {
            world.set_connect_url(&addon, connect.config_var_value(&addon));
        }
    }
    response
}
