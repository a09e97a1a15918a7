//! Finds the live pair: the Connect add-on, and the database its `db_key` means at this moment.

use connect_swap_engine::StepError;
use connect_swap_heroku::connect::Connection;
use connect_swap_heroku::platform::{Addon, Attachment, ConfigVars};
use connect_swap_heroku::{AddonName, AppName, Heroku};

use super::attached::{config_var_of, url_of};
use crate::trouble::During;

/// Heroku's service name of Connect.
pub(crate) const CONNECT: &str = "herokuconnect";
/// Heroku's service name of Postgres.
pub(crate) const POSTGRES: &str = "heroku-postgresql";

/// The live pair as found.
pub struct FoundPair {
    /// The Connect add-on.
    pub connect: Addon,
    /// Its connection.
    pub connection: Connection,
    /// The Postgres add-on its `db_key` means.
    pub database: Addon,
}

/// Finds the live pair.
///
/// `not` names the Connect add-on of an unfinished run, which is never the old one.
///
/// # Errors
/// When there is no Connect add-on, when there are several and none is chosen, when the
/// connection is not visible to this user, or when its database is none of this app's.
pub async fn find_old_pair(
    heroku: &Heroku,
    app: &AppName,
    resource: Option<&AddonName>,
    addons: &[Addon],
    attachments: &[Attachment],
    vars: &ConfigVars,
) -> Result<FoundPair, StepError> {
    let connect = choose_connect(app, resource, addons)?;
    let connection = read_connection(heroku, app, &connect.name).await?;
    let database = database_of(&connection, addons, attachments, vars)?;
    Ok(FoundPair {
        connect: connect.clone(),
        connection,
        database,
    })
}

fn choose_connect<'a>(
    app: &AppName,
    resource: Option<&AddonName>,
    addons: &'a [Addon],
) -> Result<&'a Addon, StepError> {
    let all: Vec<&Addon> = addons
        .iter()
        .filter(|addon| addon.service.name == CONNECT)
        .collect();
    let names = || {
        all.iter()
            .map(|addon| addon.name.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (resource, all.as_slice()) {
        (_, []) => Err(
            StepError::blocked(format!("app {app} has no Heroku Connect add-on"))
                .hint("check the app's name with `heroku addons -a APP`"),
        ),
        (None, [one]) => Ok(one),
        (None, _) => Err(StepError::blocked(format!(
            "app {app} has several Heroku Connect add-ons: {}",
            names()
        ))
        .hint("choose the one to replace with --resource NAME")),
        (Some(wanted), _) => all
            .iter()
            .find(|addon| addon.name == *wanted)
            .copied()
            .ok_or_else(|| {
                StepError::blocked(format!(
                    "app {app} has no Heroku Connect add-on called {wanted}; it has {}",
                    names()
                ))
            }),
    }
}

/// The connection of a Connect add-on, by the add-on's name.
///
/// # Errors
/// When this user has no access to it yet, or Connect does not answer.
pub async fn read_connection(
    heroku: &Heroku,
    app: &AppName,
    addon: &AddonName,
) -> Result<Connection, StepError> {
    find_connection(heroku, app, addon).await?.ok_or_else(|| {
        StepError::blocked(format!(
            "Heroku Connect shows no connection of {addon} to this user"
        ))
        .hint(format!(
            "open it once with `heroku addons:open {addon} -a {app}`, then run the same command"
        ))
    })
}

/// The connection of a Connect add-on, or nothing where this user has no access to it.
///
/// # Errors
/// When Connect does not answer.
pub async fn find_connection(
    heroku: &Heroku,
    app: &AppName,
    addon: &AddonName,
) -> Result<Option<Connection>, StepError> {
    let found = heroku
        .connect()
        .search(app, Some(addon))
        .await
        .during("looking for the connection at Heroku Connect")?;
    let Some(summary) = found
        .into_iter()
        .find(|summary| summary.resource_name == *addon)
    else {
        return Ok(None);
    };
    heroku
        .connect()
        .connection(&summary)
        .await
        .during("reading the connection")
        .map(Some)
}

/// The Postgres add-on that a connection's `db_key` means, proven by the address itself.
fn database_of(
    connection: &Connection,
    addons: &[Addon],
    attachments: &[Attachment],
    vars: &ConfigVars,
) -> Result<Addon, StepError> {
    let Some(key) = connection.db_key.as_ref().map(|key| key.as_str()) else {
        return Err(StepError::blocked(format!(
            "the connection of {} has no database yet",
            connection.resource_name
        ))
        .hint("this add-on was never set up; is it the right one? see --resource"));
    };
    let url = url_of(vars, key)?;
    let same = |attachment: &&Attachment| {
        attachment.namespace.is_none()
            && url_of(vars, &config_var_of(attachment)).is_ok_and(|other| other.same_database(&url))
    };
    let attachment = attachments.iter().find(same).ok_or_else(|| {
        StepError::blocked(format!(
            "{key}, which the connection uses, is the address of no database attached to this app"
        ))
        .hint(
            "attach the database to this app, or set the connection's database to an attached one",
        )
    })?;
    let addon = addons.iter().find(|addon| addon.id == attachment.addon.id);
    let addon = addon
        .filter(|addon| addon.service.name == POSTGRES)
        .ok_or_else(|| {
            StepError::blocked(format!(
                "the connection's database {} is billed to app {}, not to this one",
                attachment.addon.name, attachment.addon.app.name
            ))
            .hint("run the swap on the app that owns the database")
        })?;
    Ok(addon.clone())
}
