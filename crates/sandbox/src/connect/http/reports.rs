//! What the API tells about a connection's health: errors, notifications, validations, schemas.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::{Refusal, json_answer, visible, with_mapping};
use super::render::stamp;
use crate::connect::connection::{ConnectionData, Notification, WriteError};
use crate::connect::mapping::Mapping;
use crate::connect::service::Connect;
use crate::salesforce::Field;

/// `GET /connections/{id}/schemas/{Object}`: the fields that can be mapped.
pub(super) async fn schema(
    State(connect): State<Connect>,
    Path((id, object)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let organisation = connection
        .data()
        .login
        .as_ref()
        .map(|login| login.organisation.clone());
    let organisation =
        organisation.ok_or_else(|| Refusal::conflict("Salesforce is not authorized"))?;
    let schema = organisation
        .schema(&object)
        .ok_or_else(Refusal::not_found)?;
    let fields: Vec<Value> = schema.fields.iter().map(field).collect();
    Ok(json_answer(
        StatusCode::OK,
        json!({"name": schema.name, "label": schema.name, "fields": fields}),
    ))
}

fn field(field: &Field) -> Value {
    json!({
        "name": field.name,
        "label": field.name.trim_end_matches("__c").replace('_', " "),
        "type": field.kind.name(),
        "length": field.kind.length(),
        "required": field.required,
        "external_id": field.external_id,
        "createable": !field.is_system(),
        "updateable": !field.is_system(),
        "reference_to": field.references,
    })
}

/// `GET /connections/{id}/errors`: write errors of the last 24 hours.
pub(super) async fn connection_errors(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    Ok(errors(
        &connection.data(),
        connect.inner.clock.now(),
        |_| true,
    ))
}

/// `GET /mappings/{id}/errors`.
pub(super) async fn mapping_errors(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (connection, id) = with_mapping(&connect, &id)?;
    Ok(errors(
        &connection.data(),
        connect.inner.clock.now(),
        |error| error.mapping == id,
    ))
}

fn errors(data: &ConnectionData, now: Timestamp, which: impl Fn(&WriteError) -> bool) -> Response {
    let since = now - SignedDuration::from_hours(24);
    let found = data
        .write_errors
        .iter()
        .filter(|error| error.created_at >= since && which(error));
    let results: Vec<Value> = found
        .map(|error| {
            json!({
                "id": error.id,
                "table_name": error.table_name,
                "record_id": error.record_id,
                "message": error.message,
                "created_at": stamp(error.created_at),
            })
        })
        .collect();
    json_answer(
        StatusCode::OK,
        json!({"count": results.len(), "results": results}),
    )
}

/// Which notifications.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    event_type: Option<String>,
    page_size: Option<usize>,
}

impl Which {
    fn includes(&self, notification: &Notification) -> bool {
        !notification.acknowledged
            && self
                .after
                .is_none_or(|after| notification.created_at > after)
            && self
                .before
                .is_none_or(|before| notification.created_at < before)
            && self
                .event_type
                .as_ref()
                .is_none_or(|kind| kind == notification.event_type)
    }
}

/// `GET /connections/{id}/notifications`: those that nobody has acknowledged.
pub(super) async fn notifications(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let data = connection.data();
    let found = data
        .notifications
        .iter()
        .filter(|notification| which.includes(notification));
    let results: Vec<Value> = found
        .take(which.page_size.unwrap_or(1000))
        .map(|notification| {
            json!({
                "id": notification.id,
                "event_type": notification.event_type,
                "message": notification.message,
                "created_at": stamp(notification.created_at),
            })
        })
        .collect();
    Ok(json_answer(
        StatusCode::OK,
        json!({"count": results.len(), "results": results}),
    ))
}

/// `POST /connections/{id}/notifications/acknowledge`.
pub(super) async fn acknowledge(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    for notification in &mut connection.data().notifications {
        notification.acknowledged |= which.includes(notification);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /connections/{id}/validations`: the result comes later, at `result_url`.
pub(super) async fn validate(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let run = Uuid::new_v4();
    connection.data().validations.push((run, 0));
    let url = format!(
        "{}/api/v3/connections/{}/validations/{run}",
        connect.inner.base_url, connection.id
    );
    Ok(json_answer(
        StatusCode::ACCEPTED,
        json!({"result_url": url}),
    ))
}

/// 202 the first time, then the result.
pub(super) async fn validation_result(
    State(connect): State<Connect>,
    Path((id, run)): Path<(String, Uuid)>,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let mut data = connection.data();
    let asked = data
        .validations
        .iter_mut()
        .find(|(known, _)| *known == run)
        .map(|(_, asked)| asked);
    let asked = asked.ok_or_else(Refusal::not_found)?;
    *asked += 1;
    if *asked == 1 {
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    let mappings: Map<String, Value> = data
        .mappings
        .iter()
        .map(|mapping| (mapping.object_name.clone(), validation(mapping)))
        .collect();
    let version = rule(
        "Salesforce API version",
        "MUST_USE_RECENT_API_VERSION",
        "PASSED",
        "The API version is recent",
    );
    let body = json!({"errors": [], "warnings": [], "passes": [version], "skips": [], "mappings": mappings});
    Ok(json_answer(StatusCode::OK, body))
}

/// `GET /mappings/{id}/validations`.
pub(super) async fn mapping_validation(
    State(connect): State<Connect>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (connection, id) = with_mapping(&connect, &id)?;
    let data = connection.data();
    let mapping = data.mapping(id).ok_or_else(Refusal::not_found)?;
    Ok(json_answer(StatusCode::OK, validation(mapping)))
}

/// A mapping that has stopped fails; a read-write one without an upsert field is warned of.
fn validation(mapping: &Mapping) -> Value {
    let (mut errors, mut warnings, mut passes) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(trouble) = &mapping.trouble {
        errors.push(rule("Mapping state", "MUST_BE_SYNCED", "FAILED", trouble));
    }
    let name = "Upsert field";
    if !mapping.config.read_only && mapping.config.upsert_field.is_none() {
        warnings.push(rule(
            name,
            "SHOULD_HAVE_UPSERT_FIELD",
            "WARNING",
            "A unique identifier avoids duplicates",
        ));
    } else {
        passes.push(rule(name, "SHOULD_HAVE_UPSERT_FIELD", "PASSED", "OK"));
    }
    json!({"errors": errors, "warnings": warnings, "passes": passes, "skips": []})
}

fn rule(display_name: &str, rule_id: &str, status: &str, message: &str) -> Value {
    let doc_url = "https://devcenter.heroku.com/articles/heroku-connect-diagnose";
    json!({"display_name": display_name, "message": message, "doc_url": doc_url, "rule_id": rule_id, "status": status})
}
