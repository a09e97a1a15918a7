//! What one run swaps for what: chosen once, kept in the journal, never guessed again.

use connect_swap_heroku::{AddonId, AddonName, AppId, AppName, AttachmentName, ConnectionId};
use connect_swap_postgres::Overrides;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::configuration::Request;

/// An add-on by all that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddonIdentity {
    /// Its id.
    pub id: AddonId,
    /// Its name.
    pub name: AddonName,
    /// Its plan, such as `heroku-postgresql:standard-0`.
    pub plan: String,
}

/// Where a database really is, whatever config var leads there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Physical {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Database name.
    pub database: String,
}

impl std::fmt::Display for Physical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}/{}", self.host, self.port, self.database)
    }
}

/// The live database and Connect add-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldPair {
    /// The Postgres add-on.
    pub database: AddonIdentity,
    /// The Connect add-on.
    pub connect: AddonIdentity,
    /// Its connection.
    pub connection: ConnectionId,
    /// The schema Connect keeps its tables in.
    pub schema_name: String,
    /// The config var the connection found its database by when the run began.
    pub db_key: String,
    /// The Salesforce API version, such as `64.0`.
    pub api_version: Option<String>,
    /// The Salesforce organisation.
    pub organization_id: String,
    /// `production`, `sandbox` or `custom`.
    pub environment: String,
    /// The login host where the environment is `custom`.
    pub domain: Option<String>,
    /// PostgreSQL's major version.
    pub major: u32,
}

/// Names chosen for the new pair, so that a lost answer can be settled by looking for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewNames {
    /// The new Postgres add-on.
    pub database: AddonName,
    /// Its attachment (`--as`).
    pub attachment: AttachmentName,
    /// The new Connect add-on.
    pub connect: AddonName,
}

impl NewNames {
    /// The config var of the new database's attachment.
    pub fn config_var(&self) -> String {
        format!("{}_URL", self.attachment)
    }
}

/// What the new connection is to map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What was asked for with `--add` and `--index`.
    pub request: Request,
    /// Whether `--mappings` gave the edited export.
    pub from_file: bool,
    /// The old connection's export, byte for byte.
    pub original: String,
    /// The edited export, byte for byte.
    pub edited: String,
}

/// One swap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The app's id.
    pub app_id: AppId,
    /// The app's name.
    pub app: AppName,
    /// The old pair.
    pub old: OldPair,
    /// The new pair's names.
    pub new: NewNames,
    /// The new database's plan.
    pub database_plan: String,
    /// What the new connection is to map.
    pub wanted: Wanted,
    /// Decisions of the inventory that do not hold (`--skip`, `--include`).
    #[serde(default)]
    pub overrides: Overrides,
}

/// The first eight digits of a run's id that tell it from others: its last random ones.
pub fn short(run: Uuid) -> String {
    let text = run.simple().to_string();
    text[text.len() - 8..].to_owned()
}
