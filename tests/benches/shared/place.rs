//! Where a database is.

use super::cluster::{OWNER, PASSWORD};

/// A database on 127.0.0.1 that belongs to the owner of all of them.
pub(crate) struct Place {
    pub(crate) port: u16,
    pub(crate) database: String,
}

impl Place {
    /// With the password: for environments, never for an argument.
    pub(crate) fn url(&self) -> String {
        let Self { port, database } = self;
        format!("postgres://{OWNER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// Without the password, which the programs find in their environment.
    pub(crate) fn uri(&self) -> String {
        self.url().replace(&format!(":{PASSWORD}@"), "@")
    }
}
