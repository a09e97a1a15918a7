//! When a database is ready.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::{Addon, AddonState, World};

/// Whether the Data API has heard of the add-on: it lags behind the Platform API.
pub(super) fn is_known(world: &World, addon: &Addon) -> bool {
    passed(world.now(), addon.created_at, world.delays().data_api_lag)
}

/// Whether the database takes connections: some time after `provisioned`.
pub(super) fn is_waiting(world: &World, addon: &Addon) -> bool {
    let ready = addon
        .provisioned_at
        .is_some_and(|at| passed(world.now(), at, world.delays().database_waiting));
    addon.state != AddonState::Provisioned || !ready
}

pub(super) fn status(world: &World, addon: &Addon) -> Value {
    if is_waiting(world, addon) {
        let step = if addon.database.is_some() {
            "configuring"
        } else {
            "creating"
        };
        json!({ "waiting?": true, "message": "preparing (0% completed)", "error?": false, "step": step })
    } else {
        json!({ "waiting?": false, "message": "available", "error?": false, "step": "available" })
    }
}

fn passed(now: Timestamp, since: Timestamp, delay: Duration) -> bool {
    SignedDuration::try_from(delay).is_ok_and(|delay| now.duration_since(since) >= delay)
}
