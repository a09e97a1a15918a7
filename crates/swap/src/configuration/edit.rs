//! Adds fields and indexes to a configuration; every other byte stays as it is.

use super::document::{Document, FormatError};

/// What to add to one mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addition {
    /// The Salesforce object, as the export spells it.
    pub object: String,
    /// Field names, as Salesforce spells them.
    pub fields: Vec<String>,
    /// Fields to index, not uniquely.
    pub indexes: Vec<String>,
}

/// An edit that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The object is not mapped.
    #[error("the export has no mapping of {0}")]
    NoMapping(String),
    /// The result could not be read back.
    #[error("the edited export cannot be read back")]
    Broken(#[from] FormatError),
}

/// The configuration with the additions in it.
///
/// New members are put last in their object, in the style of the text around them.
///
/// # Errors
/// When an object is not mapped.
pub fn edit(document: &Document, additions: &[Addition]) -> Result<Document, EditError> {
    let mut inserts: Vec<(usize, String)> = Vec::new();
    let text = document.text();
    for addition in additions {
        let mapping = document
            .mapping(&addition.object)
            .ok_or_else(|| EditError::NoMapping(addition.object.clone()))?;
        let fields = addition
            .fields
            .iter()
            .map(|name| (name.as_str(), "{}"))
            .collect::<Vec<_>>();
        inserts.extend(insertion(text, &mapping.fields_at, &fields));
        let indexes = addition
            .indexes
            .iter()
            .map(|name| (name.as_str(), r#"{"unique": false}"#))
            .collect::<Vec<_>>();
        if indexes.is_empty() {
            continue;
        }
        if let Some(at) = &mapping.indexes_at {
            inserts.extend(insertion(text, at, &indexes));
        } else {
            let members = indexes
                .iter()
                .map(|(name, value)| format!("{}: {value}", quoted(name)));
            let object = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
            inserts.extend(insertion(text, &mapping.config_at, &[("indexes", &object)]));
        }
    }
    inserts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut edited = text.to_owned();
    for (at, insert) in inserts {
        edited.insert_str(at, &insert);
    }
    Ok(Document::parse(edited)?)
}

/// Where and what to insert so that an object gets these members.
fn insertion(
    text: &str,
    object: &std::ops::Range<usize>,
    members: &[(&str, &str)],
) -> Option<(usize, String)> {
    if members.is_empty() {
        return None;
    }
    let inside = &text[object.start + 1..object.end - 1];
    let kept = inside.trim_end();
    let empty = kept.trim_start().is_empty();
    let lead: String = inside.chars().take_while(|c| c.is_whitespace()).collect();
    let separator = if empty {
        String::new()
    } else if lead.contains('\n') {
        format!(",{lead}")
    } else if inside.contains(", ") {
        ", ".to_owned()
    } else {
        ",".to_owned()
    };
    let colon = if inside.contains("\":{") { ":" } else { ": " };
    let mut insert = String::new();
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            insert.push_str(if empty { ", " } else { &separator });
        } else {
            insert.push_str(&separator);
        }
        insert.push_str(&quoted(name));
        insert.push_str(colon);
        insert.push_str(value);
    }
    let at = if empty {
        object.start + 1
    } else {
        object.start + 1 + kept.len()
    };
    Some((at, insert))
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(text: &str, object: &str, fields: &[&str], indexes: &[&str]) -> String {
        let document = Document::parse(text).unwrap();
        let addition = Addition {
            object: object.to_owned(),
            fields: fields.iter().map(|s| (*s).to_owned()).collect(),
            indexes: indexes.iter().map(|s| (*s).to_owned()).collect(),
        };
        edit(&document, &[addition]).unwrap().text().to_owned()
    }

    #[test]
    fn a_minified_export_stays_minified() {
        let text = r#"{"version":1,"x":1.00e3,"mappings":[{"object_name":"A","config":{"fields":{"Id":{}},"indexes":{"Id":{"unique":true}}}}]}"#;
        let edited = add(text, "a", &["B__c", "C"], &["C"]);
        assert_eq!(
            edited,
            r#"{"version":1,"x":1.00e3,"mappings":[{"object_name":"A","config":{"fields":{"Id":{},"B__c":{},"C":{}},"indexes":{"Id":{"unique":true},"C":{"unique": false}}}}]}"#
        );
    }

    #[test]
    fn an_indented_export_stays_indented() {
        let text = "{\n  \"mappings\": [{\"object_name\": \"A\", \"config\": {\n      \"fields\": {\n        \"Id\": {}\n      }\n  }}],\n  \"version\": 1\n}\n";
        let edited = add(text, "A", &["B"], &[]);
        assert_eq!(
            edited,
            "{\n  \"mappings\": [{\"object_name\": \"A\", \"config\": {\n      \"fields\": {\n        \"Id\": {},\n        \"B\": {}\n      }\n  }}],\n  \"version\": 1\n}\n"
        );
    }

    #[test]
    fn an_export_without_indexes_gets_them() {
        let text = r#"{"mappings": [{"config": {"fields": {}, "access": "read_only"}, "object_name": "A"}], "version": 1}"#;
        let edited = add(text, "A", &["B"], &["B"]);
        assert_eq!(
            edited,
            r#"{"mappings": [{"config": {"fields": {"B": {}}, "access": "read_only", "indexes": {"B": {"unique": false}}}, "object_name": "A"}], "version": 1}"#
        );
    }

    #[test]
    fn another_format_is_refused() {
        let error = Document::parse(r#"{"schema_version":2,"mappings":[],"version":1}"#);
        assert!(error.unwrap_err().to_string().contains("version 2"));
        let error = Document::parse(r#"{"mappings":[],"version":2}"#);
        assert!(error.unwrap_err().to_string().contains("version 2"));
        assert!(Document::parse("[]").is_err());
    }
}
