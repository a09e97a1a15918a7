//! What is remembered for an auditor.

use jiff::Timestamp;
use uuid::Uuid;

use super::record::Values;

/// Who wrote.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A Connect connection.
    Connection {
        /// The connection's id.
        id: Uuid,
        /// Its add-on's name.
        resource_name: String,
    },
    /// Someone in Salesforce itself.
    User(String),
}

/// What was asked of the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteAction {
    /// A new record, always.
    Create,
    /// A change of a record known by its id.
    Update,
    /// A change of the record with an external id, or a new one.
    Upsert,
    /// A record moved to the recycle bin.
    Delete,
}

/// One write, done or refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// Position in the log, from 1.
    pub number: u64,
    /// Sandbox time.
    pub at: Timestamp,
    /// Who wrote.
    pub source: Source,
    /// The object's API name.
    pub object: String,
    /// What was asked.
    pub action: WriteAction,
    /// The record's id, where one is known.
    pub record_id: Option<String>,
    /// The values sent.
    pub values: Values,
    /// The refusal, where it was refused.
    pub error: Option<String>,
}

/// Several live records that share a value which ought to name one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubled {
    /// The shared value.
    pub value: String,
    /// The ids of the records.
    pub ids: Vec<String>,
}
