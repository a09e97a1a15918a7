//! One mapping of a connection: its configuration, what the API shows of it, and what the engine
//! has still to do for it.

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::config::MappingConfig;
use super::control::MappingFailure;
use super::state::MappingState;

#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) id: Uuid,
    pub(crate) number: u64,
    pub(crate) object_name: String,
    /// As imported or put, without `revision`.
    pub(crate) raw: Map<String, Value>,
    pub(crate) config: MappingConfig,
    pub(crate) revision: u64,
    /// The fields that the table was last made for.
    pub(crate) applied_fields: Vec<String>,
    pub(crate) applied_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) state: MappingState,
    /// Overrides the state's own description.
    pub(crate) trouble: Option<String>,
    pub(crate) counts: Counts,
    pub(crate) counted_at: Option<Timestamp>,
    pub(crate) times: Times,
    pub(crate) actively_writing: bool,
    pub(crate) work: Work,
    /// The organisation's revision up to which changes have arrived.
    pub(crate) cursor: u64,
    pub(crate) next_poll: Timestamp,
    /// When the poll under way will be through.
    pub(crate) poll_ends: Option<Timestamp>,
    pub(crate) failure: Option<MappingFailure>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) db: u64,
    pub(crate) sf: u64,
    pub(crate) pending: u64,
    pub(crate) errors: u64,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) sf_poll: Option<Timestamp>,
    pub(crate) sf_write: Option<Timestamp>,
    pub(crate) db_poll: Option<Timestamp>,
    pub(crate) db_write: Option<Timestamp>,
}

/// What the engine has to do for a mapping before it is in step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    /// Nothing but polling.
    Steady,
    /// Make the table fit the configuration; then load it, if it is new or a reload was asked.
    Apply {
        /// Load every row even where the table is there already.
        reload: bool,
    },
    /// Rows are on their way.
    Load(Load),
}

/// A load under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    /// Only these fields are filled, in rows that are there; otherwise whole rows arrive.
    pub(crate) columns: Option<Vec<String>>,
    /// Whether the table was empty, so that rows can be copied in.
    pub(crate) into_empty: bool,
    /// Records to go through, fixed at the start.
    pub(crate) extent: usize,
    /// Records gone through.
    pub(crate) done: usize,
    /// The organisation's revision at the start: changes after it are polled.
    pub(crate) cursor: u64,
    /// No page before this.
    pub(crate) next_page: Timestamp,
}

impl Mapping {
    pub(crate) fn new(
        id: Uuid,
        number: u64,
        object_name: &str,
        raw: Map<String, Value>,
        now: Timestamp,
    ) -> Self {
        let config = MappingConfig::read(&Value::Object(raw.clone()));
        Self {
            id,
            number,
            object_name: object_name.to_owned(),
            raw,
            config,
            revision: number * 3 + 1,
            applied_fields: Vec::new(),
            applied_at: None,
            created_at: now,
            updated_at: now,
            state: MappingState::Initial,
            trouble: None,
            counts: Counts::default(),
            counted_at: None,
            times: Times::default(),
            actively_writing: false,
            work: Work::Apply { reload: true },
            cursor: 0,
            next_poll: now,
            poll_ends: None,
            failure: None,
        }
    }

    /// Takes a new configuration. The same one again changes nothing.
    pub(crate) fn reconfigure(&mut self, raw: Map<String, Value>, now: Timestamp) {
        let comparable = |raw: &Map<String, Value>| {
            let mut raw = raw.clone();
            raw.remove("applied_at");
            Value::Object(raw)
        };
        self.updated_at = now;
        if comparable(&raw) == comparable(&self.raw) && !self.state.is_stopped() {
            return;
        }
        self.config = MappingConfig::read(&Value::Object(raw.clone()));
        self.raw = raw;
        self.revision += 1;
        let reload = !self.state.is_loaded()
            && !matches!(&self.work, Work::Load(load) if load.columns.is_some());
        self.state = MappingState::SchemaChanged;
        self.trouble = None;
        self.poll_ends = None;
        self.work = Work::Apply { reload };
    }

    /// Starts again from the first row.
    pub(crate) fn reload(&mut self) {
        self.state = MappingState::ReloadTable;
        self.trouble = None;
        self.poll_ends = None;
        self.work = Work::Apply { reload: true };
    }

    /// Stops in `state` until a person does something.
    pub(crate) fn stop(&mut self, state: MappingState, reason: impl Into<String>) {
        self.state = state;
        self.trouble = Some(reason.into());
        self.work = Work::Steady;
        self.poll_ends = None;
    }

    /// The table that belongs to the object: its API name in lower case.
    pub(crate) fn table(&self) -> String {
        self.object_name.to_ascii_lowercase()
    }

    /// A poll that was under way ends with nothing.
    pub(crate) fn lose_poll(&mut self) {
        if self.poll_ends.take().is_some() {
            self.state = MappingState::DataSynced;
        }
    }

    pub(crate) fn is_polling(&self) -> bool {
        self.poll_ends.is_some()
    }
}
