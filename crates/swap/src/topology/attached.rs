//! Which names an app sees an add-on under.

use connect_swap_engine::StepError;
use connect_swap_heroku::platform::{Attachment, ConfigVars};
use connect_swap_heroku::{AddonId, ConfigVarName};
use connect_swap_postgres::DatabaseUrl;
use secrecy::ExposeSecret;

/// The attachments of the whole add-on to this app, without credentials and pools.
pub fn attachments_of<'a>(
    attachments: &'a [Attachment],
    addon: &AddonId,
) -> impl Iterator<Item = &'a Attachment> {
    let addon = addon.clone();
    attachments
        .iter()
        .filter(move |a| a.addon.id == addon && a.namespace.is_none())
}

/// The config var of an attachment: its name and `_URL` (Heroku Postgres and Connect alike).
pub fn config_var_of(attachment: &Attachment) -> String {
    format!("{}_URL", attachment.name)
}

/// The connection string in a config var.
///
/// # Errors
/// When the config var is missing, masked or holds something else.
pub fn url_of(vars: &ConfigVars, name: &str) -> Result<DatabaseUrl, StepError> {
    let missing = || {
        StepError::failed(format!(
            "config var {name} is missing, or its value cannot be read"
        ))
        .hint("check `heroku config`, and that you may read this app's config vars")
    };
    let key = ConfigVarName::try_from(name).map_err(|error| missing().because(&error))?;
    let value = vars.get(&key).ok_or_else(missing)?;
    DatabaseUrl::parse(value.expose_secret()).map_err(|error| {
        StepError::failed(format!("config var {name} is not a database's address")).because(&error)
    })
}
