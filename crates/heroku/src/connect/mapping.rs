//! A mapping: one Salesforce object and the table it is synced with.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::MappingState;
use crate::names::MappingId;
use crate::wire::{self, wire_enum};

wire_enum! {
    /// In which directions a mapping syncs.
    MappingAccess {
        /// From Salesforce to the database.
        ReadOnly = "read_only",
        /// Both ways.
        ReadWrite = "read_write",
    }
}

/// A mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its identifier.
    pub id: MappingId,
    /// The Salesforce object's API name.
    pub object_name: String,
    /// What it is doing.
    pub state: MappingState,
    /// The state in Connect's words.
    #[serde(default, deserialize_with = "wire::words")]
    pub state_description: Option<String>,
    /// Its configuration as it came: key order, unknown keys and forms of numbers are kept. The
    /// `revision` in it is what an edit has to give back.
    #[serde(default)]
    pub config: Value,
    /// How many rows there are.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub counts: Counts,
    /// Whether changes are being written to Salesforce.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub actively_writing: bool,
    /// Whether Salesforce is being polled.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub is_polling: bool,
    /// When it last did what.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub times: Times,
    /// The field that identifies rows towards Salesforce.
    #[serde(default, deserialize_with = "wire::text")]
    pub upsert_field: Option<String>,
}

/// Rows of a mapping, as Connect counts them: estimates above a million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// In the database.
    #[serde(default, deserialize_with = "wire::count")]
    pub db: Option<u64>,
    /// In Salesforce.
    #[serde(default, deserialize_with = "wire::count")]
    pub sf: Option<u64>,
    /// Waiting to be written to Salesforce.
    #[serde(default, deserialize_with = "wire::count")]
    pub pending: Option<u64>,
    /// That could not be written.
    #[serde(default, deserialize_with = "wire::count")]
    pub errors: Option<u64>,
}

/// When a mapping last did what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Polled Salesforce.
    #[serde(default, deserialize_with = "wire::moment")]
    pub sf_poll: Option<Timestamp>,
    /// Wrote to Salesforce.
    #[serde(default, deserialize_with = "wire::moment")]
    pub sf_write: Option<Timestamp>,
    /// Polled the database.
    #[serde(default, deserialize_with = "wire::moment")]
    pub db_poll: Option<Timestamp>,
    /// Wrote to the database.
    #[serde(default, deserialize_with = "wire::moment")]
    pub db_write: Option<Timestamp>,
}

impl Mapping {
    /// In which directions it syncs; nothing where its configuration does not say.
    pub fn access(&self) -> Option<MappingAccess> {
        self.config["access"].as_str().map(MappingAccess::from)
    }

    /// How long it is from one poll of Salesforce to the next: `sf_polling_seconds`, and Connect's
    /// default of ten minutes where the configuration does not say.
    pub fn polling_interval(&self) -> Duration {
        let seconds = self.config["sf_polling_seconds"].as_u64();
        Duration::from_secs(seconds.unwrap_or(600))
    }

    /// Whether Salesforce tells Connect of changes (`sf_notify_enabled`), so that they arrive between
    /// two polls as well.
    pub fn is_streamed(&self) -> bool {
        self.config["sf_notify_enabled"] == Value::Bool(true)
    }

    /// Its table: the object's name in lower case, in the connection's schema.
    pub fn table_name(&self) -> String {
        self.object_name.to_lowercase()
    }

    /// The configuration's revision, which an edit has to give back.
    pub fn revision(&self) -> Option<&Value> {
        self.config
            .get("revision")
            .filter(|revision| !revision.is_null())
    }

    /// Whether nothing is going on in it: settled, not polling, not writing.
    pub fn is_quiet(&self) -> bool {
        self.state.is_settled() && !self.is_polling && !self.actively_writing
    }
}
