//! The way to Salesforce: `authorize_url`, and the page that plays both login pages.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::json;
use url::Url;

use super::answer::{Refusal, body, json_answer, visible};
use crate::connect::login::PendingLogin;
use crate::connect::options::Login;
use crate::connect::service::Connect;
use crate::connect::state::ConnectionState;

/// Below [`super::PUBLIC_PREFIX`].
pub(super) fn routes() -> Router<Connect> {
    Router::new()
        .route("/login/{token}", get(page).post(allow))
        .route("/login/{token}/allow", get(allow))
        .route("/login/{token}/deny", get(deny).post(deny))
        .route("/login/{token}/other", get(other).post(other))
}

/// `POST /connections/{id}/authorize_url`.
pub(super) async fn authorize_url(
    State(connect): State<Connect>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let connection = visible(&connect, &id)?;
    let body = body(&bytes)?;
    if connection.data().state == ConnectionState::New {
        return Err(Refusal::conflict("Set the database and schema first"));
    }
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let environment = text("environment").unwrap_or_else(|| "production".to_owned());
    let domain = match environment.as_str() {
        "production" => "https://login.salesforce.com".to_owned(),
        "sandbox" => "https://test.salesforce.com".to_owned(),
        "custom" => text("domain").ok_or_else(|| Refusal::bad("domain is required"))?,
        other => return Err(Refusal::bad(format!("{other} is not a valid environment"))),
    };
    let api_version = text("api_version")
        .or_else(|| body["api_version"].as_number().map(ToString::to_string))
        .unwrap_or_else(|| connect.inner.salesforce.api_version.clone());
    let token = connect.remember_login(PendingLogin {
        connection: connection.id,
        environment,
        domain,
        api_version: full_version(&api_version),
        next: text("next"),
    });
    let redirect = format!("{}{}{token}", connect.inner.base_url, super::PUBLIC_PREFIX);
    Ok(json_answer(
        StatusCode::CREATED,
        json!({"redirect": redirect}),
    ))
}

/// The page with its one real button.
async fn page(
    State(connect): State<Connect>,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let login = connect.login(&token).ok_or_else(Refusal::not_found)?;
    let connection = visible(&connect, &login.connection.to_string())?;
    if connect
        .behaviour(&connection.addon.app_name)
        .login_without_asking
    {
        return finish(&connect, &token, None);
    }
    let name = escape(&connection.addon.resource_name);
    let domain = escape(&login.domain);
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Heroku and Salesforce (sandbox)</title>\
         <h1>Log in to Heroku, then to Salesforce</h1>\
         <p>This page plays both. <b>{name}</b> asks for access to the organisation behind {domain}.</p>\
         <form method=post><button>Allow</button></form>\
         <p><a href=\"{token}/allow\">Allow</a> · <a href=\"{token}/other\">Allow as a user of another organisation</a> · \
         <a href=\"{token}/deny\">Deny</a></p></html>"
    );
    Ok(Html(html).into_response())
}

async fn allow(
    State(connect): State<Connect>,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    finish(&connect, &token, None)
}

async fn deny(
    State(connect): State<Connect>,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    finish(&connect, &token, Some(Login::Refuse))
}

async fn other(
    State(connect): State<Connect>,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    finish(&connect, &token, Some(Login::WrongOrganisation))
}

/// Ends the login as asked, or as the app's behaviour says, and sends the browser on.
fn finish(connect: &Connect, token: &str, answer: Option<Login>) -> Result<Response, Refusal> {
    let login = connect.login(token).ok_or_else(Refusal::not_found)?;
    let connection = visible(connect, &login.connection.to_string())?;
    let answer = answer.unwrap_or(connect.behaviour(&connection.addon.app_name).login);
    connect.finish_login(&connection, &login, answer);
    connect.forget_login(token);
    let refused = answer == Login::Refuse;
    match login
        .next
        .as_deref()
        .and_then(|next| onwards(next, refused))
    {
        Some(next) => Ok(Redirect::to(next.as_str()).into_response()),
        None if refused => Ok(Html("<p>Access was denied.</p>").into_response()),
        None => Ok(Html("<p>Access was allowed. You may close this window.</p>").into_response()),
    }
}

/// The caller's own page, where it is on this machine.
fn onwards(next: &str, refused: bool) -> Option<Url> {
    let mut url = Url::parse(next).ok()?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if refused {
        url.query_pairs_mut().append_pair("error", "access_denied");
    }
    local.then_some(url)
}

/// `58` and `58.0` are the same version.
fn full_version(version: &str) -> String {
    if version.contains('.') {
        version.to_owned()
    } else {
        format!("{version}.0")
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
