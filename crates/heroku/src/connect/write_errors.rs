//! Changes that Salesforce did not take.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Connect, Connection};
use crate::error::Error;
use crate::wire;

/// A change that could not be written to Salesforce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteError {
    /// Its identifier.
    #[serde(default, deserialize_with = "wire::text")]
    pub id: Option<String>,
    /// The table.
    #[serde(default, deserialize_with = "wire::text")]
    pub table_name: Option<String>,
    /// The row.
    #[serde(default, deserialize_with = "wire::text")]
    pub record_id: Option<String>,
    /// What Salesforce said.
    #[serde(default, deserialize_with = "message")]
    pub message: String,
    /// When.
    #[serde(default, deserialize_with = "wire::moment")]
    pub created_at: Option<Timestamp>,
}

fn message<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(wire::words(from)?.unwrap_or_default())
}

impl Connect {
    /// The write errors of the last 24 hours (`GET /connections/{id}/errors`).
    ///
    /// # Errors
    /// Whatever Connect refuses.
    pub async fn write_errors(&self, connection: &Connection) -> Result<Vec<WriteError>, Error> {
        self.pages(self.below(connection, &["errors"]), "write errors")
            .await
    }
}
