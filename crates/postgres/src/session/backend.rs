//! The server's side of a session, known again after the session was lost.

use super::Session;
use crate::Error;

/// A backend process. Process ids are used again; with the start it is unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    pub(crate) pid: i32,
    started: String,
}

impl Backend {
    /// The backend of an open session.
    pub(crate) async fn of(session: &Session) -> Result<Self, Error> {
        let row = session
            .query_one(
                "SELECT pid, backend_start::text FROM pg_catalog.pg_stat_activity \
                 WHERE pid = pg_catalog.pg_backend_pid()",
                &[],
            )
            .await?;
        Ok(Self {
            pid: row.try_get(0)?,
            started: row.try_get(1)?,
        })
    }

    /// Ends this backend from another session; whether it was still there.
    pub(crate) async fn terminate(&self, other: &Session) -> Result<bool, Error> {
        let there = other
            .query_opt(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
                 WHERE pid = $1 AND backend_start = $2::text::timestamptz",
                &[&self.pid, &self.started],
            )
            .await?;
        Ok(there.is_some())
    }
}
