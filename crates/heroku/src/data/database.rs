//! What a database is: the rows of `heroku pg:info`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Data;
use crate::error::Error;
use crate::names::AddonId;
use crate::redact;
use crate::wire;

/// A database. Its password, which the answer carries, is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseInfo {
    /// The add-on's name.
    #[serde(default, deserialize_with = "wire::text")]
    pub name: Option<String>,
    /// The plan, as the Data API writes it (`standard-0`).
    #[serde(default, deserialize_with = "wire::text")]
    pub plan: Option<String>,
    /// The name of the database within its server.
    #[serde(default, deserialize_with = "wire::text")]
    pub database_name: Option<String>,
    /// Its size in bytes.
    #[serde(default, deserialize_with = "wire::count")]
    pub num_bytes: Option<u64>,
    /// Whether it is not ready yet.
    #[serde(
        rename = "waiting?",
        alias = "waiting",
        default,
        deserialize_with = "wire::or_default"
    )]
    pub waiting: bool,
    /// The database that this one follows, read-only, with any password masked.
    #[serde(default, deserialize_with = "wire::words")]
    pub following: Option<String>,
    /// What `heroku pg:info` prints, row by row.
    #[serde(default, rename = "info", deserialize_with = "wire::or_default")]
    pub rows: Vec<InfoRow>,
}

/// A row of `heroku pg:info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfoRow {
    /// Its title (`PG Version`, `Data Size`, `Followers`).
    pub name: String,
    /// Its values, numbers as digits and passwords in addresses masked.
    #[serde(default, deserialize_with = "masked_all")]
    pub values: Vec<String>,
}

impl DatabaseInfo {
    /// The values of the row of that title, whatever its case; empty where there is none.
    pub fn row(&self, name: &str) -> &[String] {
        let row = self
            .rows
            .iter()
            .find(|row| row.name.eq_ignore_ascii_case(name));
        row.map(|row| row.values.as_slice()).unwrap_or_default()
    }

    /// The server's version (`16.4`).
    pub fn postgres_version(&self) -> Option<&str> {
        self.row("PG Version").first().map(String::as_str)
    }

    /// The server's major version.
    pub fn postgres_major(&self) -> Option<u32> {
        self.postgres_version()?
            .split('.')
            .next()?
            .trim()
            .parse()
            .ok()
    }

    /// The size of the data, in Heroku's words (`1.2 GB / 64 GB`).
    pub fn data_size(&self) -> Option<&str> {
        self.row("Data Size").first().map(String::as_str)
    }

    /// The databases that follow this one.
    pub fn followers(&self) -> &[String] {
        self.row("Followers")
    }

    /// The databases that were forked from this one.
    pub fn forks(&self) -> &[String] {
        self.row("Forks")
    }
}

fn masked_all<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let values = Option::<Vec<Value>>::deserialize(from)?.unwrap_or_default();
    Ok(values.into_iter().filter_map(shown).collect())
}

fn shown(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(redact::without_secrets(&text)),
        other => Some(other.to_string()),
    }
}

impl Data {
    /// A database (`GET /client/v11/databases/{add-on id}`); nothing where the Data API does not
    /// know it (yet).
    ///
    /// # Errors
    /// Whatever Heroku refuses but 404.
    pub async fn database(&self, addon: &AddonId) -> Result<Option<DatabaseInfo>, Error> {
        match self
            .transport
            .send(&self.database_request(addon, &[]))
            .await
        {
            Ok(answer) => answer.json("a database").map(Some),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_and_keeps_no_password() {
        let info: DatabaseInfo = serde_json::from_str(
            r#"{"addon_id":"a","plan":"standard-0","waiting?":false,"num_bytes":12,
                "resource_url":"postgres://u:hush@h/d","database_password":"hush",
                "following":"postgres://u:hush@leader/d",
                "info":[{"name":"PG Version","values":["16.4"]},
                        {"name":"Connections","values":[3]},
                        {"name":"Followers","values":["postgres://u:hush@h/d"],"resolve_db_name":true},
                        {"name":"Empty","values":null}]}"#,
        )
        .unwrap();
        assert_eq!(info.postgres_major(), Some(16));
        assert_eq!(info.row("connections"), ["3"]);
        assert_eq!(info.followers(), ["postgres://u:[redacted]@h/d"]);
        assert!(info.forks().is_empty());
        let all = format!("{info:?} {}", serde_json::to_string(&info).unwrap());
        assert!(!all.contains("hush"), "{all}");
    }
}
