//! Makes an organisation fit an exported Connect configuration.

use std::collections::BTreeSet;

use serde_json::Value;

use super::guess;
use super::organisation::Organisation;
use super::schema::{Field, FieldType, ObjectSchema};

/// Defines every object that the export maps, with its mapped fields, the fields that its
/// relationships lead to, and some more that are not mapped yet. Adds no records.
///
/// Fields that a mapping upserts by, indexes uniquely, or is reached by from another object are
/// external ids. Whatever is not a mapping is passed over: checking an export is Connect's work.
pub fn fit_export(organisation: &Organisation, export: &Value) {
    let mappings = export["mappings"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let named: Vec<(&str, &Value)> = mappings
        .iter()
        .filter_map(|mapping| Some((mapping["object_name"].as_str()?, &mapping["config"])))
        .collect();
    let objects: Vec<String> = named.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, config) in &named {
        organisation.define(object(name, config, &objects));
    }
    define_parents(organisation, &objects);
}

fn object(name: &str, config: &Value, objects: &[String]) -> ObjectSchema {
    let names: Vec<String> = config["fields"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(field, _)| field.clone())
        .collect();
    let keys = external_ids(config);
    let mut fields = guess::fields(name, &names, objects);
    for field in &mut fields {
        field.external_id =
            field.relationship.is_none() && keys.contains(&field.name.to_ascii_lowercase());
        if field.external_id && field.kind != FieldType::Email {
            // Unique whatever the name suggests: numbers and dates would come round again.
            field.kind = FieldType::Text(255);
        }
    }
    let extra = system_fields().into_iter().chain(unmapped_fields(name));
    for field in extra {
        if !fields
            .iter()
            .any(|known| known.name.eq_ignore_ascii_case(&field.name))
        {
            fields.push(field);
        }
    }
    ObjectSchema {
        name: name.to_owned(),
        fields,
    }
}

fn external_ids(config: &Value) -> BTreeSet<String> {
    let unique = config["indexes"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, index)| index["unique"] == true);
    let unique = unique.map(|(field, _)| field.as_str());
    unique
        .chain(config["upsert_field"].as_str())
        .filter(|field| *field != "Id")
        .map(str::to_ascii_lowercase)
        .collect()
}

/// Makes sure that each relationship ends at an external id, on an object that is there.
fn define_parents(organisation: &Organisation, objects: &[String]) {
    for schema in objects.iter().filter_map(|name| organisation.schema(name)) {
        for field in schema
            .fields
            .iter()
            .filter(|field| field.relationship.is_some())
        {
            let Some(way) = &field.relationship else {
                continue;
            };
            let Some(parent) = schema
                .field(&way.lookup)
                .and_then(|lookup| lookup.references.clone())
            else {
                continue;
            };
            let mut fields = system_fields();
            fields.push(Field::new("Name", FieldType::Text(255)));
            fields.push(Field::new(&way.parent_field, FieldType::Text(255)).external_id());
            organisation.define(ObjectSchema {
                name: parent,
                fields,
            });
        }
    }
}

fn system_fields() -> Vec<Field> {
    vec![
        Field::new("Id", FieldType::Id),
        Field::new("IsDeleted", FieldType::Boolean),
        Field::new("CreatedDate", FieldType::DateTime),
        Field::new("LastModifiedDate", FieldType::DateTime),
        Field::new("SystemModstamp", FieldType::DateTime),
    ]
}

/// Fields for a swap to add: the standard ones of well-known objects, else three custom ones.
fn unmapped_fields(object: &str) -> Vec<Field> {
    let field = |name: &str, kind| Field::new(name, kind);
    match object {
        "Account" => vec![
            field("Industry", FieldType::Picklist),
            field("NumberOfEmployees", FieldType::Integer),
            field("AnnualRevenue", FieldType::Double),
            field("Rating", FieldType::Picklist),
            field("Sic", FieldType::Text(20)),
            field("TickerSymbol", FieldType::Text(20)),
            field("Site", FieldType::Text(80)),
            field("DunsNumber", FieldType::Text(9)),
            field("YearStarted", FieldType::Text(4)),
        ],
        "Contact" => vec![
            field("Department", FieldType::Text(80)),
            field("Title", FieldType::Text(128)),
            field("LeadSource", FieldType::Picklist),
            field("HasOptedOutOfEmail", FieldType::Boolean),
            field("Languages__c", FieldType::Text(100)),
        ],
        "Lead" => vec![
            field("NumberOfEmployees", FieldType::Integer),
            field("GenderIdentity", FieldType::Picklist),
        ],
        "Opportunity" => vec![
            field("NextStep", FieldType::Text(255)),
            field("ForecastCategoryName", FieldType::Picklist),
            field("TotalOpportunityQuantity", FieldType::Double),
        ],
        "Product2" => vec![
            field("Family", FieldType::Picklist),
            field("StockKeepingUnit", FieldType::Text(180)),
            field("DisplayUrl", FieldType::Url),
        ],
        _ => vec![
            field("External_Notes__c", FieldType::Text(255)),
            field("Region_Code__c", FieldType::Text(40)),
            field("Review_Score__c", FieldType::Double),
        ],
    }
}
