//! What can go wrong when the sandbox itself uses this Connect.

use thiserror::Error;

/// A failed call of the in-process interface.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No add-on of that name or id.
    #[error("no heroku connect add-on {0}")]
    UnknownAddon(String),
    /// No such mapping on the connection.
    #[error("no mapping {0}")]
    UnknownMapping(String),
    /// The config var does not hold a database's URL.
    #[error("config var {0} does not hold a database url")]
    NoDatabase(String),
    /// The database could not be reached.
    #[error("the database {database} does not answer")]
    Unreachable {
        /// Which one.
        database: String,
        /// Why.
        source: tokio_postgres::Error,
    },
    /// The database refused a statement.
    #[error("the database refused a statement")]
    Database(#[from] tokio_postgres::Error),
    /// The mapping's configuration cannot be applied.
    #[error("mapping {object}: {reason}")]
    BadConfig {
        /// The object.
        object: String,
        /// Why.
        reason: String,
    },
    /// Salesforce refused.
    #[error(transparent)]
    Salesforce(#[from] crate::salesforce::SalesforceError),
}

impl ConnectError {
    /// The message with the database's own words, which `tokio_postgres` keeps one level down.
    pub(crate) fn full(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }

    /// The database's error code, where it answered with one.
    pub(crate) fn sql_state(&self) -> Option<&tokio_postgres::error::SqlState> {
        match self {
            Self::Database(error) | Self::Unreachable { source: error, .. } => error.code(),
            _ => None,
        }
    }

    /// Whether the server was going away, or is not there yet (PostgreSQL manual, "PostgreSQL Error
    /// Codes", 57P01 to 57P03).
    pub(crate) fn is_shutdown(&self) -> bool {
        let code = self.sql_state().map(tokio_postgres::error::SqlState::code);
        matches!(code, Some("57P01" | "57P02" | "57P03"))
    }
}
