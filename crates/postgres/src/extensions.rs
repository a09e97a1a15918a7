//! Extensions: which are installed, which could be.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::session::Session;

/// An installed extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The installed version.
    pub version: String,
    /// The schema that its objects are in.
    pub schema: String,
}

/// An extension that the server offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailableExtension {
    /// Its name.
    pub name: String,
    /// The version that `CREATE EXTENSION` would install.
    pub default_version: Option<String>,
    /// The version that is installed in this database, if any.
    pub installed_version: Option<String>,
}

/// Lists the database's extensions (`pg_extension`).
///
/// # Errors
/// When the server cannot be asked.
pub async fn extensions(session: &Session) -> Result<Vec<Extension>, Error> {
    let rows = session
        .query(
            "SELECT e.extname::text, e.extversion, n.nspname::text \
             FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace \
             ORDER BY 1",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Extension {
                name: row.try_get(0)?,
                version: row.try_get(1)?,
                schema: row.try_get(2)?,
            })
        })
        .collect()
}

/// Lists the extensions that the server offers (`pg_available_extensions`).
/// A provider may still refuse to install some of them.
///
/// # Errors
/// When the server cannot be asked.
pub async fn available_extensions(session: &Session) -> Result<Vec<AvailableExtension>, Error> {
    let rows = session
        .query(
            "SELECT name::text, default_version, installed_version \
             FROM pg_catalog.pg_available_extensions ORDER BY 1",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(AvailableExtension {
                name: row.try_get(0)?,
                default_version: row.try_get(1)?,
                installed_version: row.try_get(2)?,
            })
        })
        .collect()
}
