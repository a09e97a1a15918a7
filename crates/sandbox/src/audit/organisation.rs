//! The Salesforce organisation as the auditor reads it.

use super::compare::Organisation;
use crate::connect::Connect;
use crate::salesforce::{RecordView, Source, Write};

impl Organisation for Connect {
    fn values(&self, app: &str, object: &str, key: &str, value: &str) -> Vec<(String, String)> {
        let field = |values: &crate::salesforce::Values, name: &str| {
            let found = values
                .iter()
                .find(|(field, _)| field.eq_ignore_ascii_case(name));
            found.and_then(|(_, value)| value.clone())
        };
        self.salesforce_records(app, object)
            .into_iter()
            .filter(|record| !record.is_deleted)
            .filter_map(|record| {
                let value = field(&record.values, value).unwrap_or_default();
                Some((field(&record.values, key)?, value))
            })
            .collect()
    }

    fn writes(&self, app: &str) -> usize {
        let sent = self.writes(app);
        sent.iter()
            .filter(|write| matches!(write.source, Source::Connection { .. }))
            .count()
    }

    fn history(&self, app: &str, object: &str, key_field: &str, key: &str) -> Vec<String> {
        let records = self.salesforce_records(app, object).into_iter();
        let named = |record: &RecordView| {
            let value = record.values.get(key_field);
            value.is_some_and(|value| value.as_deref() == Some(key))
        };
        let ids: Vec<_> = records.filter(named).map(|record| record.id).collect();
        let touches = |write: &Write| {
            let by_id = write.record_id.as_ref().is_some_and(|id| ids.contains(id));
            by_id
                || write
                    .values
                    .values()
                    .any(|value| value.as_deref() == Some(key))
        };
        let writes = self.writes(app);
        let touching = writes.iter().filter(|write| touches(write));
        touching.map(|write| format!("{write:?}")).collect()
    }
}
