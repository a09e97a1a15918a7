//! The app and its old pair as they are now, for comparisons before and after.

use std::collections::BTreeMap;

use connect_swap_heroku::Access;
use connect_swap_postgres::{DatabaseUrl, Purpose, connect, fence_settings};
use secrecy::ExposeSecret;

use crate::Scene;

/// Everything that going back must put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppState {
    maintenance: bool,
    formation: Vec<(String, u32, String)>,
    attachments: BTreeMap<String, String>,
    config_vars: BTreeMap<String, String>,
    connections: BTreeMap<String, Link>,
    fence: String,
}

/// A connection: what it syncs with and whether it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    db_key: Option<String>,
    database: Option<String>,
    runs: bool,
}

impl AppState {
    /// Reads it through clients of its own.
    ///
    /// # Panics
    /// When the sandbox does not answer.
    pub async fn of(scene: &Scene) -> Self {
        let heroku = scene.heroku(Access::ReadOnly);
        let app = scene.target().app;
        let platform = heroku.platform();
        let vars = platform.config_vars(&app).await.expect("config vars");
        let formation = platform.formation(&app).await.expect("formation");
        let mut connections = BTreeMap::new();
        for summary in heroku
            .connect()
            .search(&app, None)
            .await
            .expect("connections")
        {
            let connection = heroku
                .connect()
                .connection(&summary)
                .await
                .expect("connection");
            let link = Link {
                db_key: connection.db_key.as_ref().map(ToString::to_string),
                database: connection
                    .database
                    .as_ref()
                    .map(|d| format!("{}/{}", d.port, d.database)),
                runs: connection.state.is_ok(),
            };
            connections.insert(summary.resource_name.to_string(), link);
        }
        let attachments = platform.attachments(&app).await.expect("attachments");
        let database = attachments
            .iter()
            .find(|a| a.name == *"DATABASE")
            .expect("DATABASE");
        let var = |name: &str| {
            let name = name.try_into().expect("a name");
            vars.get(&name)
                .map(|value| value.expose_secret().to_owned())
                .unwrap_or_default()
        };
        let url = DatabaseUrl::parse(&var(&format!("{}_URL", database.name))).expect("an address");
        let session = connect(&url, Purpose::ReadOnly, "connect-swap test")
            .await
            .expect("session");
        let fence = fence_settings(&session).await.expect("settings");
        Self {
            maintenance: platform.app(&app).await.expect("app").maintenance,
            formation: formation
                .into_iter()
                .map(|process| (process.process_type, process.quantity, process.size))
                .collect(),
            attachments: attachments
                .iter()
                .map(|a| (a.name.to_string(), a.addon.name.to_string()))
                .collect(),
            config_vars: vars
                .names()
                .map(|name| (name.to_string(), var(name.as_str())))
                .collect(),
            connections,
            fence: format!("{:?}", fence.settings),
        }
    }

    /// Of it, what users and Salesforce notice: the live pair. What prep makes stands beside it.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.attachments.retain(|name, _| name == "DATABASE");
        self.config_vars.retain(|name, _| name == "DATABASE_URL");
        self.connections
            .retain(|_, link| link.db_key.as_deref() == Some("DATABASE_URL"));
        self
    }
}
