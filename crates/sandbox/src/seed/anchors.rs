//! The managed tables that the app's own objects refer to.

use serde_json::Value;

/// Two managed tables to build on: of the demo app, Account and Contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchors {
    pub(super) schema: String,
    /// Orders' customers belong to its records; a view and an index are made on it.
    pub(super) main: Anchor,
    /// A custom trigger watches it.
    pub(super) watched: Anchor,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) table: String,
    /// A text column that every such table has, `sfid` where there is no name.
    pub(super) label: String,
}

impl Anchors {
    /// The first mapping, and the second where there are two.
    pub(super) fn of_export(export: &Value, schema: &str) -> Option<Self> {
        let mut anchors = export["mappings"]
            .as_array()?
            .iter()
            .filter_map(Anchor::of_mapping);
        let main = anchors.next()?;
        let watched = anchors.next().unwrap_or_else(|| main.clone());
        Some(Self {
            schema: schema.to_owned(),
            main,
            watched,
        })
    }
}

impl Anchor {
    fn of_mapping(mapping: &Value) -> Option<Self> {
        let table = mapping["object_name"].as_str()?.to_lowercase();
        let fields = mapping["config"]["fields"].as_object()?;
        let named = fields.keys().any(|field| field == "Name");
        let label = if named { "name" } else { "sfid" }.to_owned();
        Some(Self { table, label })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_app_builds_on_account_and_contact() {
        let export = super::super::mappings::demo_export("demo");
        let anchors = Anchors::of_export(&export, "salesforce").unwrap();
        assert_eq!(
            (&*anchors.main.table, &*anchors.main.label),
            ("account", "name")
        );
        assert_eq!(anchors.watched.table, "contact");
    }

    #[test]
    fn a_configuration_without_mappings_has_nothing_to_build_on() {
        assert_eq!(
            Anchors::of_export(&serde_json::json!({ "mappings": [] }), "s"),
            None
        );
    }
}
