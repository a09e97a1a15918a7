//! The Salesforce organisation as the auditor reads it.

use super::compare::Organisation;
use crate::connect::Connect;
use crate::salesforce::Source;

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
}
