//! Dynos: what is running now, whatever the formation says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Platform;
use crate::error::Error;
use crate::names::AppName;
use crate::wire::{self, wire_enum};

wire_enum! {
    /// What a dyno is doing.
    DynoState {
        /// Crashed.
        Crashed = "crashed",
        /// Stopped, or stopping.
        Down = "down",
        /// Put to sleep.
        Idle = "idle",
        /// Starting.
        Starting = "starting",
        /// Running.
        Up = "up",
    }
}

/// A dyno.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dyno {
    /// Its identifier.
    pub id: String,
    /// Its name (`web.1`, `run.4711`).
    pub name: String,
    /// Its process type; one-off dynos have `run` or `scheduler` and are in no formation.
    #[serde(rename = "type")]
    pub process_type: String,
    /// What it is doing.
    pub state: DynoState,
    /// Its size.
    #[serde(default, deserialize_with = "wire::text")]
    pub size: Option<String>,
    /// The release that it runs.
    #[serde(default)]
    pub release: Option<DynoRelease>,
    /// The command that it runs.
    #[serde(default, deserialize_with = "wire::text")]
    pub command: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "wire::moment")]
    pub created_at: Option<Timestamp>,
    /// Since when it is in its state.
    #[serde(default, deserialize_with = "wire::moment")]
    pub updated_at: Option<Timestamp>,
}

/// The release that a dyno runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DynoRelease {
    /// Its version.
    pub version: u64,
}

impl Platform {
    /// The dynos of an app that are there at this moment (`GET /apps/{app}/dynos`). Those being
    /// stopped stay listed for a while: zero in the formation does not mean none here.
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn dynos(&self, app: &AppName) -> Result<Vec<Dyno>, Error> {
        let request = self.get(&["apps", app.as_str(), "dynos"]).sdk();
        self.transport.list(request, "dynos").await
    }
}
