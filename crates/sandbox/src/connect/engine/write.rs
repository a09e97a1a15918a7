//! Sends one entry of the trigger log to Salesforce.

use serde_json::{Map, Value};

use crate::connect::config::MappingConfig;
use crate::connect::ddl::TableShape;
use crate::salesforce::{Organisation, Source, Values};

/// One row of `_trigger_log`, taken for processing.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: i32,
    pub(super) action: String,
    pub(super) table: String,
    pub(super) record_id: Option<i32>,
    pub(super) sfid: Option<String>,
    pub(super) old: Map<String, Value>,
    pub(super) values: Map<String, Value>,
    /// Set as soon as Salesforce has answered, so that a lost database session never sends twice.
    pub(super) outcome: Option<Outcome>,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Salesforce took it; the record's id.
    Sent(String),
    /// There was nothing to send.
    Ignored,
    /// Salesforce refused it.
    Failed(String),
}

/// What a table's entries are sent with.
pub(super) struct Target<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) source: &'a Source,
    pub(super) object: &'a str,
    pub(super) config: &'a MappingConfig,
    pub(super) shape: &'a TableShape,
}

impl Target<'_> {
    /// Sends the entry. `sfid` is the id that the row has now.
    pub(super) fn send(&self, entry: &Entry, sfid: Option<&str>) -> Outcome {
        let result = match (entry.action.as_str(), sfid) {
            ("DELETE", None) => return Outcome::Ignored,
            ("DELETE", Some(id)) => self
                .organisation
                .delete(self.source, self.object, id)
                .map(|()| id.to_owned()),
            ("UPDATE", Some(id)) => {
                let values = self.values(entry);
                if values.is_empty() {
                    return Outcome::Ignored;
                }
                self.organisation
                    .update(self.source, self.object, id, &values)
                    .map(|()| id.to_owned())
            }
            _ => return self.insert(entry),
        };
        result.map_or_else(|error| Outcome::Failed(error.to_string()), Outcome::Sent)
    }

    /// A new record: by the upsert field where the row has a value for it, else created.
    fn insert(&self, entry: &Entry) -> Outcome {
        let mut values = self.values(entry);
        values.retain(|_, value| value.is_some());
        let key = self.config.upsert_field.as_deref().filter(|field| {
            values
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(field))
        });
        let result = match key {
            Some(field) => self
                .organisation
                .upsert(self.source, self.object, field, &values),
            None => self.organisation.create(self.source, self.object, &values),
        };
        result.map_or_else(|error| Outcome::Failed(error.to_string()), Outcome::Sent)
    }

    /// The entry's values under their fields' names, without what Salesforce keeps to itself.
    fn values(&self, entry: &Entry) -> Values {
        let columns = self.shape.columns.iter().filter(|column| column.writable);
        columns
            .filter_map(|column| {
                let value = entry.values.get(&column.name)?.as_str().map(str::to_owned);
                let value = match value.as_deref() {
                    Some("t") if column.boolean => Some("true".to_owned()),
                    Some("f") if column.boolean => Some("false".to_owned()),
                    _ => value,
                };
                Some((column.field.clone(), value))
            })
            .collect()
    }
}

impl Entry {
    /// The `sfid` that the log itself knows.
    pub(super) fn known_sfid(&self) -> Option<String> {
        let old = || {
            self.old
                .get("sfid")
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        self.sfid.clone().or_else(old)
    }
}
