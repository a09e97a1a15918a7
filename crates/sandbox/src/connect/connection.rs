//! One connection: what the API shows and changes, shared with the task that works for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::mapping::Mapping;
use super::settings;
use super::state::ConnectionState;
use crate::apps::ConnectAddon;
use crate::salesforce::{Organisation, Source};

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: Uuid,
    pub(crate) number: u64,
    pub(crate) addon: ConnectAddon,
    pub(crate) created_at: Timestamp,
    /// Wakes the task after a change.
    pub(crate) wake: Arc<Notify>,
    /// Ends the task.
    pub(crate) stop: CancellationToken,
    data: Mutex<ConnectionData>,
}

#[derive(Debug)]
pub(crate) struct ConnectionData {
    /// Whether the operator has been added to the access list.
    pub(crate) visible: bool,
    pub(crate) state: ConnectionState,
    pub(crate) db_key: Option<String>,
    pub(crate) schema_name: Option<String>,
    pub(crate) login: Option<Authorised>,
    pub(crate) features: Map<String, Value>,
    pub(crate) logplex_log_enabled: bool,
    /// External Objects are served under this id.
    pub(crate) odata: Option<Uuid>,
    /// A pause was accepted; the earliest moment it takes hold.
    pub(crate) pausing: Option<Timestamp>,
    /// A PATCH un-pauses at this moment.
    pub(crate) unpause_at: Option<Timestamp>,
    /// Back to IDLE from RECOVERY at this moment.
    pub(crate) recovered_at: Option<Timestamp>,
    /// Pauses still to be refused on request.
    pub(crate) pause_refusals: u32,
    pub(crate) imports: VecDeque<Value>,
    pub(crate) mappings: Vec<Mapping>,
    /// Tables of deleted mappings, to be dropped.
    pub(crate) dropped_tables: Vec<String>,
    pub(crate) write_errors: Vec<WriteError>,
    pub(crate) notifications: Vec<Notification>,
    pub(crate) last_write_activity: Option<Timestamp>,
    /// Validation runs by id, and how often their result was asked for.
    pub(crate) validations: Vec<(Uuid, u32)>,
}

/// A finished login to Salesforce.
#[derive(Clone, Debug)]
pub(crate) struct Authorised {
    pub(crate) organisation: Organisation,
    pub(crate) environment: String,
    pub(crate) domain: String,
    pub(crate) api_version: String,
    pub(crate) at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct WriteError {
    pub(crate) id: Uuid,
    pub(crate) mapping: Uuid,
    pub(crate) table_name: String,
    pub(crate) record_id: String,
    pub(crate) message: String,
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Notification {
    pub(crate) id: Uuid,
    pub(crate) event_type: &'static str,
    pub(crate) message: String,
    pub(crate) created_at: Timestamp,
    pub(crate) acknowledged: bool,
}

impl Connection {
    pub(crate) fn new(
        number: u64,
        addon: ConnectAddon,
        stop: CancellationToken,
        now: Timestamp,
    ) -> Self {
        let data = ConnectionData {
            visible: false,
            state: ConnectionState::New,
            db_key: None,
            schema_name: None,
            login: None,
            features: settings::default_features(),
            logplex_log_enabled: false,
            odata: None,
            pausing: None,
            unpause_at: None,
            recovered_at: None,
            pause_refusals: 0,
            imports: VecDeque::new(),
            mappings: Vec::new(),
            dropped_tables: Vec::new(),
            write_errors: Vec::new(),
            notifications: Vec::new(),
            last_write_activity: None,
            validations: Vec::new(),
        };
        // The API's id is not the add-on's: clients must not take one for the other.
        let id = Uuid::new_v4();
        Self {
            id,
            number,
            addon,
            created_at: now,
            wake: Arc::new(Notify::new()),
            stop,
            data: Mutex::new(data),
        }
    }

    /// The shared data. Never held across an `await`.
    pub(crate) fn data(&self) -> MutexGuard<'_, ConnectionData> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who this connection is in Salesforce's log.
    pub(crate) fn source(&self) -> Source {
        Source::Connection {
            id: self.id,
            resource_name: self.addon.resource_name.clone(),
        }
    }
}

impl ConnectionData {
    pub(crate) fn mapping(&self, id: Uuid) -> Option<&Mapping> {
        self.mappings.iter().find(|mapping| mapping.id == id)
    }

    pub(crate) fn mapping_mut(&mut self, id: Uuid) -> Option<&mut Mapping> {
        self.mappings.iter_mut().find(|mapping| mapping.id == id)
    }

    pub(crate) fn mapping_of(&mut self, object: &str) -> Option<&mut Mapping> {
        self.mappings
            .iter_mut()
            .find(|mapping| mapping.object_name.eq_ignore_ascii_case(object))
    }

    pub(crate) fn notify(&mut self, event_type: &'static str, message: String, now: Timestamp) {
        let id = Uuid::new_v4();
        self.notifications.push(Notification {
            id,
            event_type,
            message,
            created_at: now,
            acknowledged: false,
        });
    }

    /// Leaves any running state for one that waits for a person.
    pub(crate) fn fail(&mut self, state: ConnectionState, message: String, now: Timestamp) {
        self.state = state;
        self.pausing = None;
        self.notify("postgres-connection", message, now);
    }
}
