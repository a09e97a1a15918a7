//! Records: what is stored, and what is handed out.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Field values in Salesforce's text form, by API name; `None` is null.
pub type Values = BTreeMap<String, Option<String>>;

/// A stored record. Fields that nobody has set are generated from `number` when read, so that a
/// large organisation costs no more than its ids.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) number: u64,
    /// Seeded records have generated values; created ones are null where nobody set a value.
    pub(super) seeded: bool,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) deleted: bool,
    /// Set values by lower-cased field name.
    pub(super) set: BTreeMap<String, Option<String>>,
}

/// A record as an auditor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordView {
    /// The 18-character id.
    pub id: String,
    /// The moment of its last change, sandbox time.
    pub system_modstamp: Timestamp,
    /// Whether it lies in the recycle bin.
    pub is_deleted: bool,
    /// All its fields.
    pub values: Values,
}
