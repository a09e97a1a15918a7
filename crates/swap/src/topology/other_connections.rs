//! What else of Heroku Connect is on a database, besides the connection that is known to be there.
//!
//! Several add-ons may sync to one database, each in a schema of its own (devcenter heroku-connect).
//! Connect tells of this app's connections only, and only of those that this user may see; the
//! database itself tells whose schemas are in it.

use connect_swap_engine::StepError;
use connect_swap_heroku::connect::Connection;
use connect_swap_heroku::platform::{Addon, ConfigVars};
use connect_swap_heroku::{AddonName, AppName, Heroku};
use connect_swap_postgres::{DatabaseUrl, Session, connect_schemas};
use serde::{Deserialize, Serialize};

use super::attached::url_of;
use super::old_pair::CONNECT;
use super::physical::{physical, target};
use crate::trouble::During;

/// A connection that syncs with a database it is not expected on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherConnection {
    /// Its add-on.
    pub addon: AddonName,
    /// The schema it keeps its tables in.
    pub schema: Option<String>,
    /// Its state, in Connect's word.
    pub state: String,
}

/// What else of Connect is on a database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherConnections {
    /// Connections of other add-ons of the app that sync with it.
    pub syncing: Vec<OtherConnection>,
    /// Add-ons of the app whose connection this user is not shown: they may sync with it.
    pub hidden: Vec<AddonName>,
    /// Other schemas in it that hold Connect's own tables.
    pub schemas: Vec<String>,
}

/// A database and the app around it.
#[derive(Clone, Copy)]
pub struct Home<'a> {
    /// The app.
    pub app: &'a AppName,
    /// Its add-ons.
    pub addons: &'a [Addon],
    /// Its config vars.
    pub vars: &'a ConfigVars,
    /// The database's address.
    pub url: &'a DatabaseUrl,
    /// The Connect add-ons that are no others.
    pub own: &'a [&'a AddonName],
}

impl OtherConnections {
    /// Asks Connect for every connection of the app. Schemas are not looked at.
    ///
    /// # Errors
    /// When Connect does not answer.
    pub async fn at_connect(heroku: &Heroku, home: Home<'_>) -> Result<Self, StepError> {
        let client = heroku.connect();
        let all = client
            .search(home.app, None)
            .await
            .during("looking for the app's connections at Heroku Connect")?;
        let hidden = home.addons.iter().filter(|addon| {
            addon.service.name == CONNECT
                && !addon.state.is_gone()
                && all.iter().all(|shown| shown.resource_name != addon.name)
        });
        let mut others = Self {
            hidden: hidden.map(|addon| addon.name.clone()).collect(),
            ..Self::default()
        };
        others.hidden.retain(|name| !home.own.contains(&name));
        for summary in &all {
            if home.own.contains(&&summary.resource_name) {
                continue;
            }
            let connection = client.connection(summary).await.during(&format!(
                "reading the connection of {}",
                summary.resource_name
            ))?;
            if home.is_synced_by(&connection) {
                others.syncing.push(OtherConnection {
                    addon: connection.resource_name,
                    schema: connection.schema_name,
                    state: connection.state.to_string(),
                });
            }
        }
        Ok(others)
    }

    /// Asks the database, too. `schema` is the one that Connect is known to keep in it.
    ///
    /// # Errors
    /// When Connect or the database does not answer.
    pub async fn read(
        heroku: &Heroku,
        home: Home<'_>,
        session: &Session,
        schema: &str,
    ) -> Result<Self, StepError> {
        let mut schemas = connect_schemas(session)
            .await
            .during("looking for schemas of other connections")?;
        schemas.retain(|name| name != schema);
        Ok(Self {
            schemas,
            ..Self::at_connect(heroku, home).await?
        })
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.syncing.is_empty() && self.hidden.is_empty() && self.schemas.is_empty()
    }

    /// The first that is here and was not in an earlier look, in words.
    pub fn beyond(&self, earlier: &Self) -> Option<String> {
        let known = |other: &&OtherConnection| {
            let mut before = earlier.syncing.iter();
            before.any(|one| one.addon == other.addon && one.schema == other.schema)
        };
        let syncing = self.syncing.iter().find(|other| !known(other));
        let hidden = || {
            self.hidden
                .iter()
                .find(|name| !earlier.hidden.contains(name))
        };
        let schema = || {
            self.schemas
                .iter()
                .find(|name| !earlier.schemas.contains(name))
        };
        syncing
            .map(|other| format!("{} syncs with it, too", other.addon))
            .or_else(|| hidden().map(|name| format!("{name} may sync with it, too")))
            .or_else(|| schema().map(|name| format!("schema {name} in it is another connection's")))
    }
}

impl Home<'_> {
    /// Whether a connection syncs with this database: by what Connect says it reaches or, where it says
    /// nothing, by the address in its config var.
    fn is_synced_by(&self, connection: &Connection) -> bool {
        match target(connection) {
            Some(found) => found == physical(self.url),
            None => connection.db_key.as_ref().is_some_and(|key| {
                url_of(self.vars, key.as_str()).is_ok_and(|url| url.same_database(self.url))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(addon: &str, schemas: &[&str]) -> OtherConnections {
        OtherConnections {
            syncing: vec![OtherConnection {
                addon: addon.try_into().unwrap(),
                schema: Some("salesforce_eu".into()),
                state: "IDLE".into(),
            }],
            hidden: Vec::new(),
            schemas: schemas.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn what_was_seen_before_is_nothing_new() {
        let before = others("herokuconnect-b-1", &["salesforce_eu"]);
        let mut now = before.clone();
        // Connections go to and fro between these.
        now.syncing[0].state = "POLLING_DB_CHANGES".into();
        assert_eq!(now.beyond(&before), None);
        assert_eq!(OtherConnections::default().beyond(&before), None);
    }

    #[test]
    fn what_came_since_is_told() {
        let before = others("herokuconnect-b-1", &["salesforce_eu"]);
        let other = others("herokuconnect-c-1", &["salesforce_eu"]);
        assert_eq!(
            other.beyond(&before).unwrap(),
            "herokuconnect-c-1 syncs with it, too"
        );
        let schema = others("herokuconnect-b-1", &["salesforce_eu", "third"]);
        assert!(schema.beyond(&before).unwrap().contains("schema third"));
        let hidden = OtherConnections {
            hidden: vec!["herokuconnect-d-1".try_into().unwrap()],
            ..before.clone()
        };
        assert!(hidden.beyond(&before).unwrap().contains("may sync"));
    }
}
