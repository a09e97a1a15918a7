//! The demo app's Connect configuration, in the form of an export.

use std::time::Duration;

use serde_json::{Map, Value, json};

/// Fields that nearly every mapping has.
const COMMON: [&str; 5] = ["Id", "SystemModstamp", "IsDeleted", "CreatedDate", "Name"];

/// The demo's export, polled at another interval.
pub(super) fn polled_every(interval: Duration, app: &str) -> Value {
    let mut export = demo_export(app);
    let mappings = export["mappings"].as_array_mut().into_iter().flatten();
    for mapping in mappings {
        mapping["config"]["sf_polling_seconds"] = interval.as_secs().into();
    }
    export
}

/// The export of the demo app's connection: Account (large, read-write, upserted by
/// `AccountNumber`), Contact and Opportunity (read-write) and Product2 (read-only).
#[must_use]
pub fn demo_export(app: &str) -> Value {
    let mappings = [
        mapping(
            "Account",
            "read_write",
            true,
            Some("AccountNumber"),
            &[
                "AccountNumber",
                "BillingCity",
                "BillingCountry",
                "Phone",
                "Website",
            ],
        ),
        mapping(
            "Contact",
            "read_write",
            false,
            Some("External_ID__c"),
            &[
                "External_ID__c",
                "FirstName",
                "LastName",
                "Email",
                "AccountId",
            ],
        ),
        mapping(
            "Product2",
            "read_only",
            false,
            None,
            &["ProductCode", "Description", "IsActive"],
        ),
        mapping(
            "Opportunity",
            "read_write",
            false,
            Some("Order_Reference__c"),
            &[
                "Order_Reference__c",
                "StageName",
                "CloseDate",
                "Amount",
                "AccountId",
            ],
        ),
    ];
    json!({
        "mappings": mappings,
        "connection": {
            "app_name": app,
            "organization_id": null,
            "exported_at": "2026-01-01T00:00:00.000000+00:00",
            "features": {
                "poll_db_no_merge": true, "poll_external_ids": false, "rest_count_only": false
            },
            "api_version": "64.0",
            "name": format!("{app}:DATABASE_URL:salesforce"),
            "logplex_log_enabled": false,
        },
        "version": 1,
    })
}

fn mapping(
    object: &str,
    access: &str,
    streaming: bool,
    upsert: Option<&str>,
    own: &[&str],
) -> Value {
    let names = COMMON.iter().chain(own);
    let fields = names
        .map(|name| ((*name).to_owned(), json!({})))
        .collect::<Map<_, _>>();
    let mut indexes = Map::from_iter([
        ("Id".to_owned(), json!({ "unique": true })),
        ("SystemModstamp".to_owned(), json!({ "unique": false })),
    ]);
    let mut config = json!({
        "access": access,
        "sf_notify_enabled": streaming,
        "sf_polling_seconds": 600,
        "sf_max_daily_api_calls": 30_000,
        "fields": fields,
    });
    if let Some(field) = upsert {
        indexes.insert(field.to_owned(), json!({ "unique": true }));
        config["upsert_field"] = field.into();
    }
    config["indexes"] = indexes.into();
    json!({ "object_name": object, "config": config })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_upsert_field_is_mapped_and_indexed() {
        let export = demo_export("demo");
        for mapping in export["mappings"].as_array().unwrap() {
            let config = &mapping["config"];
            if let Some(field) = config["upsert_field"].as_str() {
                assert!(config["fields"].get(field).is_some(), "{field}");
                assert_eq!(config["indexes"][field]["unique"], true, "{field}");
            }
        }
    }
}
