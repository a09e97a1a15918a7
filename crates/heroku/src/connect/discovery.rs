//! Which connections there are, and in which regions.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::Connect;
use crate::error::Error;
use crate::names::{AddonName, AppName, ConnectionId};
use crate::transport::Effect;
use crate::wire;

/// A connection, as the discovery server lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionSummary {
    /// Its identifier.
    pub id: ConnectionId,
    /// The add-on's name: what ties it to the Platform API.
    pub resource_name: AddonName,
    /// The name shown in the dashboard.
    #[serde(default, deserialize_with = "wire::text")]
    pub display_name: Option<String>,
    /// `Sync` for a connection between Salesforce and Postgres.
    #[serde(default, deserialize_with = "wire::text")]
    pub addon_type: Option<String>,
    /// The app that the add-on belongs to.
    pub app_name: AppName,
    /// The region's name.
    #[serde(default, deserialize_with = "wire::text")]
    pub region: Option<String>,
    /// The region's address (`https://connect-3-virginia.heroku.com`).
    pub region_url: Url,
    /// The connection's address, maybe relative to the region's.
    pub detail_url: String,
}

impl ConnectionSummary {
    /// The connection's whole address; nothing where it is none.
    pub fn detail(&self) -> Option<Url> {
        self.region_url.join(&self.detail_url).ok()
    }
}

#[derive(Deserialize)]
struct Granted {
    connections: Vec<Value>,
}

impl Connect {
    /// Adds the account to the access lists of an app's connections (`POST /auth/{app}`), as
    /// `heroku connect:info` does; a new add-on is invisible before. Returns all connections that
    /// the account may see now, those of other apps among them as far as they can be read.
    ///
    /// # Errors
    /// Whatever Connect refuses; repeated by itself when the answer is lost.
    pub async fn grant_access(&self, app: &AppName) -> Result<Vec<ConnectionSummary>, Error> {
        let url = self.discovery(&["auth", app.as_str()]);
        let answer = self
            .transport
            .send(&self.post(Effect::Idempotent, url))
            .await?;
        let mut connections = Vec::new();
        for listed in answer.json::<Granted>("connections")?.connections {
            let ours = listed["app_name"] == app.as_str();
            match serde_json::from_value(listed) {
                Ok(summary) => connections.push(summary),
                // One of the account's other apps must not stand in this one's way.
                Err(_) if !ours => {}
                Err(_) => {
                    let place = format!("one of the app {app}");
                    return Err(answer.malformed("connections", place));
                }
            }
        }
        Ok(connections)
    }

    /// The connections of an app (`GET /connections?app=…`), or the one of a Connect add-on.
    /// Empty while access was not granted.
    ///
    /// # Errors
    /// Whatever Connect refuses.
    pub async fn search(
        &self,
        app: &AppName,
        resource: Option<&AddonName>,
    ) -> Result<Vec<ConnectionSummary>, Error> {
        let mut url = self.discovery(&["connections"]);
        url.query_pairs_mut().append_pair("app", app.as_str());
        if let Some(resource) = resource {
            url.query_pairs_mut()
                .append_pair("resource_name", resource.as_str());
        }
        self.pages(url, "connections").await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detail_address_may_be_relative() {
        let summary = |detail: &str| ConnectionSummary {
            id: ConnectionId::try_from("c-1").unwrap(),
            resource_name: AddonName::try_from("herokuconnect-a-1").unwrap(),
            display_name: None,
            addon_type: None,
            app_name: AppName::try_from("demo").unwrap(),
            region: None,
            region_url: Url::parse("https://connect-eu.heroku.com").unwrap(),
            detail_url: detail.to_owned(),
        };
        let whole = "https://connect-eu.heroku.com/api/v3/connections/c-1";
        assert_eq!(
            summary("/api/v3/connections/c-1")
                .detail()
                .unwrap()
                .as_str(),
            whole
        );
        assert_eq!(summary(whole).detail().unwrap().as_str(), whole);
    }
}
