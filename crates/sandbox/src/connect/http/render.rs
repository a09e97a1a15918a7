//! The JSON of connections, mappings and exports. Keys and types are those of a real answer of
//! 2025 and of 43 public exports.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::user_info;
use crate::connect::connection::{Connection, ConnectionData};
use crate::connect::mapping::Mapping;
use crate::connect::runs::Physical;
use crate::connect::service::Connect;
use crate::salesforce::OrganisationInfo;

/// A connection; with its mappings where `deep`.
pub(super) fn connection(connect: &Connect, connection: &Connection, deep: bool) -> Value {
    let data = connection.data();
    let addon = &connection.addon;
    let login = data.login.as_ref();
    let info = login.map(|login| login.organisation.info());
    let mut body = json!({
        "id": connection.id,
        "_id": connection.number,
        "name": name(connection, &data),
        "addon_id": addon.id,
        "app_name": addon.app_name,
        "team_name": null,
        "enterprise_account_name": null,
        "app_id": addon.app_id,
        "schema_name": data.schema_name,
        "db_key": data.db_key,
        "database": database(connect, connection, &data),
        "organization_id": info.map(|info| info.id.clone()),
        "state": data.state.as_str(),
        "mappings_summary_state": summary(&data),
        "detail_url": format!("/api/v3/connections/{}", connection.id),
        "tags": [],
        "sf_info": login.map(|login| json!({
            "username": login.organisation.info().username,
            "organization_id": login.organisation.info().id,
            "environment": login.environment,
            "domain": login.domain,
            "api_version": login.api_version,
        })),
        "created_at": stamp(connection.created_at),
        "auth_updated": login.map(|login| stamp(login.at)),
        "plan": addon.plan,
        "free_edition": addon.plan == "demo",
        "dogwood": false,
        "user_info": login.map(user_info::of),
        "metrics": {"last_write_activity_time": data.last_write_activity.map(stamp)},
        "logplex_log_enabled": data.logplex_log_enabled,
        "deletable": false,
        "resource_name": addon.resource_name,
        "large_query_threshold": 10_000,
        "bulk_page_size": 150_000,
        "features": data.features,
        "internal_name": addon.app_name,
        "notifications_url": format!("/api/v3/connections/{}/notifications", connection.id),
        "odata": data.odata.map(|id| json!({"id": id, "slug": id.simple().to_string()})),
        "soap_batch_size": 200,
        "sf_instance": info.map(|info: &OrganisationInfo| info.instance.clone()),
        "sf_region": null,
    });
    if deep {
        body["mappings"] = data
            .mappings
            .iter()
            .map(|each| mapping(connect, connection, each))
            .collect();
    }
    body
}

/// One mapping.
pub(super) fn mapping(connect: &Connect, connection: &Connection, mapping: &Mapping) -> Value {
    let mut config = mapping.raw.clone();
    config.insert("revision".to_owned(), mapping.revision.into());
    if let Some(at) = mapping.applied_at {
        config.insert("applied_at".to_owned(), stamp(at).into());
    }
    let id = mapping.id;
    let object = &mapping.object_name;
    let base = &connect.inner.base_url;
    json!({
        "id": id,
        "_id": mapping.number,
        "object_name": object,
        "state": mapping.state.as_str(),
        "config": config,
        "detail_url": format!("/api/v3/mappings/{id}"),
        "errors_url": format!("/api/v3/mappings/{id}/errors"),
        "schema_url": format!("{base}/api/v3/connections/{}/schemas/{object}", connection.id),
        "created_at": stamp(mapping.created_at),
        "updated_at": stamp(mapping.updated_at),
        "connection": {"id": connection.id},
        "sf_notify_enabled": mapping.config.streaming,
        "sf_polling_seconds": mapping.config.polling_seconds,
        "access": if mapping.config.read_only { "read_only" } else { "read_write" },
        "counts": {
            "db": mapping.counts.db,
            "sf": mapping.counts.sf,
            "pending": mapping.counts.pending,
            "errors": mapping.counts.errors,
        },
        "actively_writing": mapping.actively_writing,
        "state_description": mapping.trouble.clone().unwrap_or_else(|| mapping.state.description().to_owned()),
        "sync_flags": {},
        "times": {
            "sf_poll": mapping.times.sf_poll.map(spaced),
            "sf_write": mapping.times.sf_write.map(spaced),
            "db_poll": mapping.times.db_poll.map(spaced),
            "db_write": mapping.times.db_write.map(spaced),
        },
        "has_hc_columns": true,
        "db_count_date": mapping.counted_at.map(stamp),
        "salesforce_count_date": mapping.counted_at.map(stamp),
        "is_polling": mapping.is_polling(),
        "upsert_field": mapping.config.upsert_field,
    })
}

/// The configuration as a file: what was imported, with its order and unknown keys, without
/// `revision`; `applied_at` where the import had one.
pub(super) fn export(connect: &Connect, connection: &Connection) -> Value {
    let data = connection.data();
    let mappings = data.mappings.iter().map(|mapping| {
        let mut config = mapping.raw.clone();
        if let (Some(slot), Some(at)) = (config.get_mut("applied_at"), mapping.applied_at) {
            *slot = stamp(at).into();
        }
        json!({"object_name": mapping.object_name, "config": config})
    });
    let flags = ["poll_db_no_merge", "poll_external_ids", "rest_count_only"];
    let features: Map<String, Value> = flags
        .iter()
        .filter_map(|flag| Some(((*flag).to_owned(), data.features.get(*flag)?.clone())))
        .collect();
    let login = data.login.as_ref();
    json!({
        "mappings": mappings.collect::<Vec<_>>(),
        "connection": {
            "app_name": connection.addon.app_name,
            "organization_id": login.map(|login| login.organisation.info().id.clone()),
            "exported_at": connect.inner.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string(),
            "features": features,
            "api_version": login.map(|login| login.api_version.clone()),
            "name": name(connection, &data),
            "logplex_log_enabled": data.logplex_log_enabled,
        },
        "version": 1,
    })
}

/// ISO with `Z`, as most stamps are.
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// With a space, as the polling times are.
fn spaced(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S.%6f+00:00").to_string()
}

fn name(connection: &Connection, data: &ConnectionData) -> String {
    match (&data.db_key, &data.schema_name) {
        (Some(key), Some(schema)) => format!("{}:{key}:{schema}", connection.addon.app_name),
        _ => connection.addon.app_name.clone(),
    }
}

/// The physical database that `db_key` means at this moment.
fn database(connect: &Connect, connection: &Connection, data: &ConnectionData) -> Option<Value> {
    let url = connect
        .inner
        .directory
        .config_var(&connection.addon.app_name, data.db_key.as_deref()?)?;
    let physical = Physical::of_url(&url)?;
    Some(json!({"host": physical.host, "database": physical.database, "port": physical.port}))
}

fn summary(data: &ConnectionData) -> &'static str {
    let stopped = data
        .mappings
        .iter()
        .find(|mapping| mapping.state.is_stopped());
    stopped.map_or("OK", |mapping| mapping.state.as_str())
}
