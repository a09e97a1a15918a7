//! Exports of any shape: read or refused, and an edit changes nothing but what is added.

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Addition, Document, edit};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,6}", inner), 0..4)
                .prop_map(|members| Value::from(Map::from_iter(members))),
        ]
    })
}

fn any_members() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((".{0,6}", any_json()), 0..4).prop_map(Map::from_iter)
}

/// An export that can be read, with members that nobody knows, as one of three styles of text.
fn whole_export() -> impl Strategy<Value = String> {
    let mapping = (
        any_members(),
        any_members(),
        prop::option::of(any_members()),
        any_json(),
    );
    let mappings = prop::collection::vec(mapping, 1..4);
    (mappings, any_json(), 0..3_u8).prop_map(|(mappings, extra, style)| {
        let mappings: Vec<Value> = mappings
            .into_iter()
            .enumerate()
            .map(|(number, (config, fields, indexes, extra))| {
                let mut config = config;
                config.insert("fields".into(), fields.into());
                config.remove("indexes");
                if let Some(indexes) = indexes {
                    config.insert("indexes".into(), indexes.into());
                }
                json!({ "object_name": format!("Object{number}"), "config": config, "x": extra })
            })
            .collect();
        let export = json!({ "connection": extra, "mappings": mappings, "version": 1 });
        match style {
            0 => export.to_string(),
            1 => serde_json::to_string_pretty(&export).unwrap(),
            _ => {
                let mut text = Vec::new();
                let tabs = serde_json::ser::PrettyFormatter::with_indent(b"\t");
                let mut writer = serde_json::Serializer::with_formatter(&mut text, tabs);
                export.serialize(&mut writer).unwrap();
                format!("\r\n {}\n", String::from_utf8(text).unwrap())
            }
        }
    })
}

/// Whether one text is the other with something put in.
fn is_within(original: &str, edited: &str) -> bool {
    let mut rest = edited.chars();
    original.chars().all(|c| rest.any(|other| other == c))
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s)([\\[\\]{}\",:0-9]|mappings|version|.){0,60}") {
        if let Err(error) = Document::parse(text) {
            prop_assert!(error.to_string().contains("not a Heroku Connect export"), "{error}");
        }
    }

    #[test]
    fn any_json_is_read_or_refused(
        mappings in any_json(), version in any_json(), config in any_json(), extra in any_members()
    ) {
        let mut odd = extra;
        odd.insert("version".into(), version);
        odd.insert("mappings".into(), mappings);
        let _ = Document::parse(Value::from(odd).to_string());
        let one = json!({ "mappings": [{ "object_name": "A", "config": config }], "version": 1 });
        if let Ok(document) = Document::parse(one.to_string()) {
            let mapping = document.mapping("a").unwrap();
            prop_assert_eq!(Value::from(mapping.config.clone()), config);
        }
    }

    #[test]
    fn an_edit_adds_what_it_is_told_and_nothing_else(
        text in whole_export(), which in 0_usize..4, fields in prop::collection::vec("F[a-z]{6}__c", 0..4),
        indexes in prop::collection::vec("I[a-z]{6}__c", 0..3)
    ) {
        let Ok(document) = Document::parse(text.clone()) else {
            return Err(TestCaseError::fail(format!("not read: {text}")));
        };
        let which = which % document.mappings().len();
        let object = document.mappings()[which].object.clone();
        let addition = Addition { object: object.clone(), fields: fields.clone(), indexes: indexes.clone() };
        let edited = match edit(&document, &[addition]) {
            Ok(edited) => edited,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}: {text}"))),
        };
        prop_assert!(is_within(&text, edited.text()), "{}\n{}", text, edited.text());
        for (at, (before, after)) in document.mappings().iter().zip(edited.mappings()).enumerate() {
            if at != which {
                prop_assert_eq!(&before.config, &after.config);
                continue;
            }
            let mut wanted = before.config.clone();
            for (member, names, value) in [
                ("fields", &fields, json!({})),
                ("indexes", &indexes, json!({ "unique": false })),
            ] {
                if names.is_empty() {
                    continue;
                }
                let members = wanted.entry(member).or_insert_with(|| json!({}));
                for name in names {
                    members[name] = value.clone();
                }
            }
            prop_assert_eq!(&wanted, &after.config);
        }
        let again = Document::parse(edited.text()).unwrap();
        prop_assert_eq!(again.text(), edited.text());
    }
}
