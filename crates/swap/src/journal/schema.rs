//! The journal's tables.

use connect_swap_engine::StepError;
use tokio_postgres::Client;

/// The version of the format this tool writes. A higher one is read and never written.
pub const FORMAT: i32 = 1;

const DDL: &str = "
CREATE SCHEMA IF NOT EXISTS connect_swap;
COMMENT ON SCHEMA connect_swap IS 'journal of heroku connect:swap';
CREATE TABLE IF NOT EXISTS connect_swap.run (
    id uuid PRIMARY KEY,
    format integer NOT NULL,
    app text NOT NULL,
    created_at timestamptz NOT NULL,
    subject jsonb NOT NULL,
    closed_at timestamptz,
    closed_as text
);
CREATE TABLE IF NOT EXISTS connect_swap.journal (
    run uuid NOT NULL REFERENCES connect_swap.run,
    seq bigint NOT NULL,
    record jsonb NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, seq)
);";

/// Makes the journal's schema and tables where they are not there yet.
///
/// # Errors
/// When the role may not create a schema, or the database is read-only.
pub async fn create_schema(client: &Client) -> Result<(), StepError> {
    client.batch_execute(DDL).await.map_err(|error| {
        StepError::failed("the journal cannot be created in the old database").because(&error)
    })
}

/// Whether this database holds a journal.
///
/// # Errors
/// When the database does not answer.
pub async fn journal_exists(client: &Client) -> Result<bool, StepError> {
    let row = client
        .query_one(
            "SELECT pg_catalog.to_regclass('connect_swap.journal') IS NOT NULL",
            &[],
        )
        .await
        .map_err(|error| StepError::failed("the database does not answer").because(&error))?;
    Ok(row.get(0))
}
