//! The configuration of all mappings as one document: out and in.

use super::{Connect, Connection};
use crate::error::Error;
use crate::transport::Effect;

impl Connect {
    /// The exported configuration (`GET …/actions/export`), byte for byte as Connect wrote it.
    ///
    /// # Errors
    /// Whatever Connect refuses.
    pub async fn export(&self, connection: &Connection) -> Result<String, Error> {
        let url = self.below(connection, &["actions", "export"]);
        self.transport
            .send(&self.get(url))
            .await?
            .text("a configuration")
    }

    /// Imports a configuration (`POST …/actions/import`), byte for byte as given. Mappings in it
    /// are made or changed, others stay. Connect accepts nearly everything: what is wrong shows
    /// later, in the states.
    ///
    /// Where the answer is lost this is an error, and the mappings tell.
    ///
    /// # Errors
    /// Whatever Connect refuses.
    pub async fn import(&self, connection: &Connection, configuration: &str) -> Result<(), Error> {
        let url = self.below(connection, &["actions", "import"]);
        let request = self
            .post(Effect::Once, url)
            .raw_json(configuration.to_owned());
        self.transport.send(&request).await.map(|_| ())
    }
}
