//! A mapping's configuration, read from the JSON in which it is imported, stored and exported.

use serde_json::Value;

use crate::salesforce::ObjectSchema;

/// The parts of a configuration that the engine acts on. The JSON itself is kept beside it, so
/// that what was imported is exported again with its order and unknown keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappingConfig {
    pub(crate) read_only: bool,
    /// Field names as written.
    pub(crate) fields: Vec<String>,
    /// Field names and whether the index is unique.
    pub(crate) indexes: Vec<(String, bool)>,
    pub(crate) upsert_field: Option<String>,
    pub(crate) streaming: bool,
    pub(crate) polling_seconds: u64,
}

impl MappingConfig {
    /// Reads what is there; what is missing takes Connect's default. Nothing is refused here:
    /// Connect accepts any import and shows the trouble later.
    pub(crate) fn read(config: &Value) -> Self {
        let keys = |value: &Value| {
            value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, _)| key.clone())
                .collect()
        };
        let indexes = config["indexes"].as_object().into_iter().flatten();
        Self {
            read_only: config["access"] != "read_write",
            fields: keys(&config["fields"]),
            indexes: indexes
                .map(|(field, index)| (field.clone(), index["unique"] == true))
                .collect(),
            upsert_field: config["upsert_field"].as_str().map(str::to_owned),
            streaming: config["sf_notify_enabled"] == true,
            polling_seconds: config["sf_polling_seconds"].as_u64().unwrap_or(600).max(1),
        }
    }

    /// Why this configuration cannot be applied to the object.
    pub(crate) fn trouble(&self, schema: &ObjectSchema) -> Option<String> {
        let unknown = self.fields.iter().find(|name| schema.field(name).is_none());
        if let Some(field) = unknown {
            return Some(format!(
                "No such column '{field}' on entity '{}'",
                schema.name
            ));
        }
        let upsert = self
            .upsert_field
            .as_ref()
            .filter(|name| !self.has_field(name));
        upsert.map(|field| format!("Upsert field '{field}' is not mapped"))
    }

    /// The first relationship field whose lookup is not indexed: it stops the whole mapping
    /// without a word in the API (heroku-connect clients' issue trackers).
    pub(crate) fn unindexed_relationship(&self, schema: &ObjectSchema) -> Option<String> {
        let indexed = |lookup: &str| {
            self.indexes
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(lookup))
        };
        let broken = self.fields.iter().find(|name| {
            let way = schema
                .field(name)
                .and_then(|field| field.relationship.as_ref());
            way.is_some_and(|way| !indexed(&way.lookup))
        });
        broken.cloned()
    }

    /// Whether the field is mapped; capitals do not matter.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.fields
            .iter()
            .any(|field| field.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::{Field, FieldType, Relationship};

    #[test]
    fn a_configuration_of_2015_has_no_indexes() {
        let config = serde_json::json!({"access": "read_write", "fields": {"Id": {}, "Name": {}}});
        let config = MappingConfig::read(&config);
        assert!(!config.read_only && config.indexes.is_empty() && config.polling_seconds == 600);
    }

    #[test]
    fn a_relationship_needs_an_index_on_its_lookup() {
        let mut way = Field::new("Genre__r__Key__c", FieldType::Text(255));
        way.relationship = Some(Relationship {
            lookup: "Genre__c".to_owned(),
            parent_field: "Key__c".to_owned(),
        });
        let schema = ObjectSchema {
            name: "X__c".to_owned(),
            fields: vec![way],
        };
        let mut config =
            MappingConfig::read(&serde_json::json!({"fields": {"Genre__r__Key__c": {}}}));
        assert_eq!(
            config.unindexed_relationship(&schema).as_deref(),
            Some("Genre__r__Key__c")
        );
        config.indexes.push(("genre__c".to_owned(), false));
        assert_eq!(config.unindexed_relationship(&schema), None);
        config.fields.push("Nope__c".to_owned());
        assert!(config.trouble(&schema).is_some());
    }
}
