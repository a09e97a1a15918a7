//! Proves that one configuration is another: same objects, fields, indexes and modes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{Document, MappingView};

/// Members of `config` that must be the same, beside fields and indexes.
const MODES: [&str; 5] = [
    "access",
    "upsert_field",
    "sf_polling_seconds",
    "sf_notify_enabled",
    "sf_max_daily_api_calls",
];

/// Fields and indexes that Connect adds by itself where a configuration leaves them out (exports of
/// 2015 name no index at all); finding them in the result is no difference.
const CONNECTS_OWN: [&str; 6] = [
    "id",
    "systemmodstamp",
    "isdeleted",
    "createddate",
    "lastmodifieddate",
    "name",
];

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The object.
    pub object: String,
    /// What differs, in words.
    pub what: String,
}

/// Where `found` is not as `wanted`. Order and spelling of names do not count; `applied_at` and
/// other stamps are not compared.
pub fn compare(wanted: &Document, found: &Document) -> Vec<Difference> {
    let mut differences = Vec::new();
    for mapping in wanted.mappings() {
        match found.mapping(&mapping.object) {
            None => differences.push(difference(mapping, "is not mapped".to_owned())),
            Some(other) => differences.extend(mapping_differences(mapping, other)),
        }
    }
    for mapping in found.mappings() {
        if wanted.mapping(&mapping.object).is_none() {
            differences.push(difference(
                mapping,
                "is mapped and should not be".to_owned(),
            ));
        }
    }
    differences
}

fn difference(mapping: &MappingView, what: String) -> Difference {
    Difference {
        object: mapping.object.clone(),
        what,
    }
}

fn mapping_differences(wanted: &MappingView, found: &MappingView) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut say = |what: String| differences.push(difference(wanted, what));
    names("field", &wanted.fields(), &found.fields(), &mut say);
    names("index", &index_keys(wanted), &index_keys(found), &mut say);
    for mode in MODES {
        let (wanted, found) = (value(wanted, mode), value(found, mode));
        if !same(&wanted, &found) {
            say(format!("{mode} is {found}, wanted {wanted}"));
        }
    }
    differences
}

fn names(kind: &str, wanted: &[String], found: &[String], say: &mut impl FnMut(String)) {
    let lower = |names: &[String]| -> BTreeSet<String> {
        names.iter().map(|name| name.to_lowercase()).collect()
    };
    let (wanted, found) = (lower(wanted), lower(found));
    for name in wanted.difference(&found) {
        say(format!("{kind} {name} is missing"));
    }
    let connects_own = |name: &str| CONNECTS_OWN.contains(&name.trim_end_matches(" (unique)"));
    for name in found
        .difference(&wanted)
        .filter(|name| !connects_own(name) || wanted.contains(name.trim_end_matches(" (unique)")))
    {
        say(format!("{kind} {name} is there and should not be"));
    }
}

/// Indexed fields with their uniqueness, so that a unique index and a plain one differ.
fn index_keys(mapping: &MappingView) -> Vec<String> {
    let Some(Value::Object(indexes)) = mapping.config.get("indexes") else {
        return Vec::new();
    };
    let unique = |value: &Value| {
        value
            .get("unique")
            .and_then(Value::as_bool)
            .unwrap_or(false)
    };
    let key = |(name, value): (&String, &Value)| {
        if unique(value) {
            format!("{name} (unique)")
        } else {
            name.clone()
        }
    };
    indexes.iter().map(key).collect()
}

fn value(mapping: &MappingView, member: &str) -> Value {
    mapping.config.get(member).cloned().unwrap_or(Value::Null)
}

fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        // An export that does not name a mode leaves it to Connect's default.
        (Value::Null, _) => true,
        _ => wanted == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(config: &str) -> Document {
        let text =
            format!(r#"{{"version":1,"mappings":[{{"object_name":"A","config":{config}}}]}}"#);
        Document::parse(text).unwrap()
    }

    fn differences(a: &str, b: &str) -> Vec<String> {
        compare(&document(a), &document(b))
            .into_iter()
            .map(|d| d.what)
            .collect()
    }

    #[test]
    fn order_and_case_do_not_count() {
        let a =
            r#"{"fields":{"Id":{},"B":{}},"indexes":{"Id":{"unique":true}},"access":"read_only"}"#;
        let b = r#"{"access":"read_only","indexes":{"id":{"unique":true}},"fields":{"b":{},"id":{}},"applied_at":"x"}"#;
        assert!(differences(a, b).is_empty());
    }

    #[test]
    fn each_difference_is_named() {
        let a = r#"{"fields":{"Id":{},"B":{}},"indexes":{"Id":{"unique":true}},"access":"read_write","sf_polling_seconds":600}"#;
        let b = r#"{"fields":{"Id":{},"C":{}},"indexes":{"Id":{"unique":false}},"access":"read_only","sf_polling_seconds":120}"#;
        assert_eq!(
            differences(a, b),
            [
                "field b is missing",
                "field c is there and should not be",
                "index id (unique) is missing",
                r#"access is "read_only", wanted "read_write""#,
                "sf_polling_seconds is 120, wanted 600",
            ]
        );
    }
}
