//! Running the statements of the seed.

use tokio_postgres::Client;

use crate::servers::ServerError;

/// Runs statements as the add-on's own role, as the app's migrations would.
pub(super) async fn run(client: &Client, statements: &str) -> Result<(), ServerError> {
    client
        .batch_execute(statements)
        .await
        .map_err(|source| ServerError::Sql {
            what: "seeding the demo app",
            source,
        })
}

/// A quoted identifier.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
