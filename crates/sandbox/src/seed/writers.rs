//! Which managed tables the app's dynos can write to, so that each write can be found again.

use serde_json::Value;

use crate::salesforce::{Field, FieldType, ObjectSchema, Organisation};
use crate::workload::ManagedWrites;

/// One for each read-write mapping with a unique external id of text and another text field.
pub(super) fn of_export(
    export: &Value,
    schema: &str,
    organisation: &Organisation,
) -> Vec<ManagedWrites> {
    let mappings = export["mappings"].as_array().into_iter().flatten();
    mappings
        .filter_map(|mapping| of_mapping(mapping, schema, organisation))
        .collect()
}

fn of_mapping(mapping: &Value, schema: &str, organisation: &Organisation) -> Option<ManagedWrites> {
    let config = &mapping["config"];
    if config["access"] != "read_write" {
        return None;
    }
    let object = organisation.schema(mapping["object_name"].as_str()?)?;
    let key = object.field(config["upsert_field"].as_str()?)?;
    if !is_text(key) {
        return None;
    }
    let mapped = |field: &&Field| config["fields"].get(&field.name).is_some();
    let value = value_field(&object, key, mapped)?;
    let required = object.fields.iter().filter(|field| field.required);
    let others = required.filter(|field| field.name != key.name && field.name != value.name);
    let fixed = others
        .map(|field| {
            Some((
                field.name.to_lowercase(),
                mapped(&field).then(|| literal(field))?,
            ))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(ManagedWrites {
        schema: schema.to_owned(),
        table: object.name.to_lowercase(),
        object: object.name.clone(),
        key_column: key.name.to_lowercase(),
        key_field: key.name.clone(),
        value_column: value.name.to_lowercase(),
        value_field: value.name.clone(),
        fixed,
    })
}

/// A field that people may write: `LastName` where there is one, for there `Name` is made of it.
fn value_field<'a>(
    object: &'a ObjectSchema,
    key: &Field,
    mapped: impl Fn(&&Field) -> bool,
) -> Option<&'a Field> {
    let usable = |field: &&Field| {
        is_text(field) && mapped(field) && field.name != key.name && !field.is_system()
    };
    let named = |name: &str| {
        object
            .fields
            .iter()
            .filter(usable)
            .find(|field| field.name == name)
    };
    named("LastName").or_else(|| named("Name")).or_else(|| {
        object
            .fields
            .iter()
            .find(|field| usable(field) && !field.external_id)
    })
}

fn is_text(field: &Field) -> bool {
    matches!(field.kind, FieldType::Text(length) if length >= 32)
        && field.references.is_none()
        && field.relationship.is_none()
}

fn literal(field: &Field) -> String {
    match field.kind {
        FieldType::Date => "2026-06-30",
        FieldType::DateTime => "2026-06-30T12:00:00Z",
        FieldType::Boolean => "false",
        FieldType::Integer | FieldType::Double => "1",
        FieldType::Picklist if field.name == "StageName" => "Prospecting",
        _ => "Sandbox",
    }
    .to_owned()
}
