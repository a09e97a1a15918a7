//! Commits that nobody has waited for.

use super::Session;
use crate::Error;

/// Sees to it that everything that was committed so far outlives a crash of the
/// server. Others see what a session with `synchronous_commit = off` has
/// committed before that is on disk. A later commit that is waited for takes it
/// along, as the log is written in its order (PostgreSQL manual, "Asynchronous
/// Commit"). The message itself means nothing to anybody.
pub(crate) async fn flush(session: &Session) -> Result<(), Error> {
    session
        .batch_execute("SELECT pg_catalog.pg_logical_emit_message(true, 'connect-swap', '')")
        .await?;
    Ok(())
}
