//! A connection with its mappings.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::{Connect, ConnectionState, ConnectionSummary, Mapping};
use crate::error::Error;
use crate::names::{AddonName, AppName, ConfigVarName, ConnectionId};
use crate::wire;

/// A connection with its mappings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Connection {
    /// Its identifier. Not the add-on's.
    pub id: ConnectionId,
    /// The add-on's name.
    pub resource_name: AddonName,
    /// What Connect says is the add-on's identifier; do not rely on its being the Platform's.
    pub addon_id: Option<String>,
    /// The app that the add-on belongs to.
    pub app_name: AppName,
    /// Its name in the dashboard.
    pub name: Option<String>,
    /// The database schema of the mapped tables; none yet when new.
    pub schema_name: Option<String>,
    /// The config var of the app that names the database; none yet when new.
    pub db_key: Option<ConfigVarName>,
    /// The physical database that is synced at this moment.
    pub database: Option<DatabaseRef>,
    /// What it is doing.
    pub state: ConnectionState,
    /// The Salesforce organisation; none before the authorisation.
    pub organization_id: Option<String>,
    /// The Salesforce side.
    pub sf_info: SalesforceInfo,
    /// The plan's name, without the service's (`demo`, `enterprise`).
    pub plan: Option<String>,
    /// Feature flags in the order in which they came.
    pub features: Map<String, Value>,
    /// Whether it logs to the app's logs.
    pub logplex_log_enabled: Option<bool>,
    /// Whether it serves External Objects.
    pub odata: bool,
    /// When it last wrote.
    pub last_write_activity_time: Option<Timestamp>,
    /// Its mappings.
    pub mappings: Vec<Mapping>,
    /// The address of its region.
    pub region_url: Url,
    /// Its own address.
    pub detail_url: Url,
}

/// A physical database, as Connect sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseRef {
    /// The server's host name.
    pub host: String,
    /// The database's name within the server.
    pub database: String,
    /// The port; 5432 where Connect does not say.
    #[serde(default = "default_port", deserialize_with = "port")]
    pub port: u16,
}

/// The Salesforce side of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesforceInfo {
    /// The user who authorised it.
    #[serde(default, deserialize_with = "wire::text")]
    pub username: Option<String>,
    /// The organisation.
    #[serde(default, deserialize_with = "wire::text")]
    pub organization_id: Option<String>,
    /// `production`, `sandbox` or `custom`.
    #[serde(default, deserialize_with = "wire::text")]
    pub environment: Option<String>,
    /// The login domain.
    #[serde(default, deserialize_with = "wire::text")]
    pub domain: Option<String>,
    /// The Salesforce API version (`64.0`).
    #[serde(default, deserialize_with = "wire::text")]
    pub api_version: Option<String>,
}

fn default_port() -> u16 {
    5432
}

fn port<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    let port = wire::count(from)?.and_then(|port| port.try_into().ok());
    Ok(port.unwrap_or_else(default_port))
}

/// A connection as it comes.
#[derive(Deserialize)]
struct Wire {
    id: ConnectionId,
    resource_name: Option<AddonName>,
    #[serde(default, deserialize_with = "wire::text")]
    addon_id: Option<String>,
    app_name: Option<AppName>,
    #[serde(default, deserialize_with = "wire::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    schema_name: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    db_key: Option<String>,
    #[serde(default)]
    database: Value,
    state: ConnectionState,
    #[serde(default, deserialize_with = "wire::text")]
    organization_id: Option<String>,
    #[serde(default, deserialize_with = "wire::or_default")]
    sf_info: SalesforceInfo,
    #[serde(default, deserialize_with = "wire::text")]
    api_version: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    plan: Option<String>,
    #[serde(default, deserialize_with = "wire::or_default")]
    features: Map<String, Value>,
    #[serde(default)]
    logplex_log_enabled: Option<bool>,
    #[serde(default)]
    odata: Value,
    #[serde(default, deserialize_with = "wire::or_default")]
    metrics: Metrics,
    #[serde(default, deserialize_with = "wire::or_default")]
    mappings: Vec<Mapping>,
}

#[derive(Default, Deserialize)]
struct Metrics {
    #[serde(default, deserialize_with = "wire::moment")]
    last_write_activity_time: Option<Timestamp>,
}

/// What tells a connection apart and where it lives: known from the discovery server, or from
/// having read it before.
struct Origin<'a> {
    resource_name: &'a AddonName,
    app_name: &'a AppName,
    region_url: &'a Url,
    detail_url: Url,
}

impl Wire {
    fn into_connection(self, origin: Origin<'_>) -> Connection {
        let mut sf_info = self.sf_info;
        // Older answers have the version in `sf_info`, newer ones beside it.
        sf_info.api_version = sf_info.api_version.or(self.api_version);
        Connection {
            id: self.id,
            resource_name: self
                .resource_name
                .unwrap_or_else(|| origin.resource_name.clone()),
            addon_id: self.addon_id,
            app_name: self.app_name.unwrap_or_else(|| origin.app_name.clone()),
            name: self.name,
            schema_name: self.schema_name.filter(|name| !name.is_empty()),
            db_key: self
                .db_key
                .and_then(|key| ConfigVarName::try_from(key).ok()),
            database: serde_json::from_value(self.database).ok(),
            state: self.state,
            organization_id: self
                .organization_id
                .or_else(|| sf_info.organization_id.clone()),
            sf_info,
            plan: self.plan,
            features: self.features,
            logplex_log_enabled: self.logplex_log_enabled,
            odata: !self.odata.is_null(),
            last_write_activity_time: self.metrics.last_write_activity_time,
            mappings: self.mappings,
            region_url: origin.region_url.clone(),
            detail_url: origin.detail_url,
        }
    }
}

impl Connection {
    /// Whether the connection is paused and has come to rest: paused by itself does not prove that
    /// mapping work has stopped, so every mapping must be settled, too, not polling and not writing.
    pub fn is_quiet(&self) -> bool {
        self.state == ConnectionState::Paused && self.mappings.iter().all(Mapping::is_quiet)
    }

    /// The Salesforce API version.
    pub fn api_version(&self) -> Option<&str> {
        self.sf_info.api_version.as_deref()
    }

    /// A feature flag; nothing where there is none of that name or it is no truth value.
    pub fn feature(&self, name: &str) -> Option<bool> {
        self.features.get(name)?.as_bool()
    }

    /// The mapping of a Salesforce object, whatever the case of its name.
    pub fn mapping(&self, object: &str) -> Option<&Mapping> {
        self.mappings
            .iter()
            .find(|mapping| mapping.object_name.eq_ignore_ascii_case(object))
    }
}

impl Connect {
    /// A connection with its mappings (`GET <detail_url>?deep=true`).
    ///
    /// # Errors
    /// [`Error::ForeignHost`] where the discovery server names a server that may not be shown the
    /// token, and whatever Connect refuses.
    pub async fn connection(&self, summary: &ConnectionSummary) -> Result<Connection, Error> {
        let Some(detail_url) = summary.detail() else {
            let call = self.get(summary.region_url.clone()).call();
            let place = "detail_url is no address".to_owned();
            return Err(Error::Malformed {
                call,
                what: "a connection",
                place,
                request_id: None,
            });
        };
        let origin = Origin {
            resource_name: &summary.resource_name,
            app_name: &summary.app_name,
            region_url: &summary.region_url,
            detail_url,
        };
        self.read(origin).await
    }

    /// The same connection as it is now.
    ///
    /// # Errors
    /// Whatever Connect refuses.
    pub async fn reread(&self, connection: &Connection) -> Result<Connection, Error> {
        let origin = Origin {
            resource_name: &connection.resource_name,
            app_name: &connection.app_name,
            region_url: &connection.region_url,
            detail_url: connection.detail_url.clone(),
        };
        self.read(origin).await
    }

    async fn read(&self, origin: Origin<'_>) -> Result<Connection, Error> {
        // Every later request goes there, and has its path put behind it.
        let region = origin.region_url;
        self.transport
            .permit_host(region, self.get(region.clone()).call())?;
        let mut url = origin.detail_url.clone();
        url.query_pairs_mut().append_pair("deep", "true");
        let answer = self.transport.send(&self.get(url)).await?;
        Ok(answer.json::<Wire>("a connection")?.into_connection(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(json: &str) -> Connection {
        let wire: Wire = serde_json::from_str(json).unwrap();
        let region = Url::parse("https://connect-eu.heroku.com/").unwrap();
        wire.into_connection(Origin {
            resource_name: &AddonName::try_from("herokuconnect-a-1").unwrap(),
            app_name: &AppName::try_from("demo").unwrap(),
            region_url: &region,
            detail_url: region.join("/api/v3/connections/c").unwrap(),
        })
    }

    fn paused(mapping: &str) -> Connection {
        connection(&format!(
            r#"{{"id":"c","state":"PAUSED","mappings":[
                {{"id":"m0","object_name":"Lead","state":"DATA_SYNCED"}},
                {{"id":"m1","object_name":"Account",{mapping}}}]}}"#
        ))
    }

    #[test]
    fn paused_is_quiet_only_when_every_mapping_rests() {
        assert!(paused(r#""state":"DATA_SYNCED""#).is_quiet());
        assert!(paused(r#""state":"ABORTED""#).is_quiet());
        for busy in [
            r#""state":"POLLING_SF_CHANGES""#,
            r#""state":"RECOVERY""#,
            r#""state":"NEVER_HEARD_OF""#,
            r#""state":"DATA_SYNCED","is_polling":true"#,
            r#""state":"DATA_SYNCED","actively_writing":true"#,
        ] {
            assert!(!paused(busy).is_quiet(), "{busy}");
        }
        assert!(!connection(r#"{"id":"c","state":"IDLE"}"#).is_quiet());
    }

    #[test]
    fn a_new_connection_has_next_to_nothing() {
        let new = connection(
            r#"{"id":"c","state":"NEW","db_key":null,"schema_name":"","database":{"host":null},
                "sf_info":null,"features":null,"mappings":null,"metrics":null,"api_version":"64.0"}"#,
        );
        assert_eq!(
            (new.db_key, new.schema_name, new.database),
            (None, None, None)
        );
        assert_eq!(new.sf_info.api_version.as_deref(), Some("64.0"));
        assert!(new.mappings.is_empty() && !new.odata);
        assert_eq!(new.resource_name, "herokuconnect-a-1");
    }
}
