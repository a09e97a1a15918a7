//! Which database a connection syncs with, and its other settings.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Connect, Connection};
use crate::error::Error;
use crate::names::{AppName, ConfigVarName};
use crate::transport::{Effect, Request};

/// A config var that can be a connection's `db_key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DbKey {
    /// Its name.
    pub name: ConfigVarName,
    /// The plan of the add-on behind it, where Connect knows one.
    pub addon_plan: Option<String>,
}

#[derive(Deserialize)]
struct App {
    db_keys: Vec<WireKey>,
}

#[derive(Deserialize)]
struct WireKey {
    name: ConfigVarName,
    addon: Option<WireAddon>,
}

#[derive(Deserialize)]
struct WireAddon {
    plan: Option<String>,
}

impl Connect {
    /// The config vars that a connection of an app may be pointed at (`GET /apps/{app}`).
    ///
    /// # Errors
    /// Whatever Connect refuses.
    pub async fn db_keys(
        &self,
        connection: &Connection,
        app: &AppName,
    ) -> Result<Vec<DbKey>, Error> {
        let url = self.region(connection, &["apps", app.as_str()]);
        let keys = self
            .transport
            .send(&self.get(url))
            .await?
            .json::<App>("db keys")?
            .db_keys;
        let key = |key: WireKey| DbKey {
            name: key.name,
            addon_plan: key.addon.and_then(|addon| addon.plan),
        };
        Ok(keys.into_iter().map(key).collect())
    }

    /// Points a connection at the database behind a config var, with its schema
    /// (`PATCH /connections/{id}`), and reads it again.
    ///
    /// This may set a paused connection going at once: look at the state that is returned.
    ///
    /// # Errors
    /// Whatever Connect refuses; repeated by itself when the answer is lost.
    /// [`Error::Unconfirmed`] where the change was accepted and reading failed.
    pub async fn set_database(
        &self,
        connection: &Connection,
        db_key: &ConfigVarName,
        schema_name: &str,
    ) -> Result<Connection, Error> {
        let settings = json!({ "db_key": db_key, "schema_name": schema_name });
        self.patch_settings(connection, &settings).await
    }

    /// Changes settings of a connection (`PATCH /connections/{id}`) and reads it again: for all
    /// but database and schema no document says that they can be changed, so compare.
    ///
    /// # Errors
    /// Whatever Connect refuses; repeated by itself when the answer is lost.
    /// [`Error::Unconfirmed`] where the change was accepted and reading failed.
    pub async fn patch_settings(
        &self,
        connection: &Connection,
        settings: &Value,
    ) -> Result<Connection, Error> {
        let url = self.below(connection, &[]);
        let request = Request::connect(Effect::Idempotent, Method::PATCH, url).json(settings);
        self.transport.send(&request).await?;
        // Whoever hears of an error here must not take it for the change's.
        let unconfirmed = |error| Error::Unconfirmed {
            call: request.call(),
            source: Box::new(error),
        };
        self.reread(connection).await.map_err(unconfirmed)
    }
}
