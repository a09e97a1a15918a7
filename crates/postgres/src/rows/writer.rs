//! A session that writes rows and builds on the new side, and what became of
//! its last commit when it was lost.

use std::time::Duration;

use super::pieces::Piece;
use super::relay::{Relayed, Route};
use crate::Error;
use crate::session::{Backend, DatabaseUrl, Purpose, Session, connect};

/// Indexes are sorted in this much memory, or in what the server's own setting
/// allows where that is more (PostgreSQL manual, "Resource Consumption").
const SORT_MEMORY_KB: i64 = 256 * 1024;
/// How long a lost session's backend may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
/// Between two looks at it.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// An open session on the new side.
pub(super) struct Writer {
    session: Session,
    backend: Backend,
    /// The transaction that a commit was sent for, with what it holds.
    committing: Option<(i64, Relayed)>,
    transaction: i64,
}

/// A writer that was lost.
pub(super) struct Unsettled {
    backend: Backend,
    committing: Option<(i64, Relayed)>,
}

impl Writer {
    /// Opens a session; the preamble's statements come first.
    pub(super) async fn open(url: &DatabaseUrl, preamble: &[String]) -> Result<Self, Error> {
        let session = connect(url, Purpose::Work, "copy").await?;
        for statement in preamble {
            session.batch_execute(statement).await?;
        }
        session
            .batch_execute(&format!(
                "SELECT pg_catalog.set_config('maintenance_work_mem', greatest(setting::int8, {SORT_MEMORY_KB}) || 'kB', false) \
                 FROM pg_catalog.pg_settings WHERE name = 'maintenance_work_mem'"
            ))
            .await?;
        Ok(Self {
            backend: Backend::of(&session).await?,
            session,
            committing: None,
            transaction: 0,
        })
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Begins a piece's transaction. A table that is copied whole is emptied
    /// in it; one that is copied in ranges was emptied before.
    pub(super) async fn begin(&mut self, route: &Route, piece: &Piece) -> Result<(), Error> {
        let empty = match piece.pages {
            None => format!("TRUNCATE ONLY {};", route.table.sql()),
            Some(_) => String::new(),
        };
        let answers = self
            .session
            .simple_query(&format!("BEGIN; {empty} SELECT pg_catalog.txid_current()"))
            .await?;
        let id = answers.iter().find_map(|answer| match answer {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        self.transaction =
            id.ok_or_else(|| Error::Protocol("no transaction id was given".into()))?;
        Ok(())
    }

    pub(super) async fn commit(&mut self, relayed: Relayed) -> Result<(), Error> {
        self.committing = Some((self.transaction, relayed));
        self.session.batch_execute("COMMIT").await?;
        self.committing = None;
        Ok(())
    }

    /// Gives a session up that was lost.
    pub(super) fn lose(self) -> Unsettled {
        Unsettled {
            backend: self.backend,
            committing: self.committing,
        }
    }

    /// Sees to it that a lost session can do nothing more, and returns what it
    /// was committing where that was committed (`txid_status`, PostgreSQL
    /// manual, "System Information Functions").
    pub(super) async fn settle(&self, lost: &Unsettled) -> Result<Option<Relayed>, Error> {
        self.end(&lost.backend).await?;
        let Some((id, relayed)) = lost.committing else {
            return Ok(None);
        };
        let status: Option<String> = self
            .session
            .query_one("SELECT pg_catalog.txid_status($1)", &[&id])
            .await?
            .try_get(0)?;
        match status.as_deref() {
            Some("committed") => Ok(Some(relayed)),
            Some("aborted") => Ok(None),
            other => Err(Error::Protocol(format!(
                "what became of transaction {id} is not known: {other:?}"
            ))),
        }
    }

    async fn end(&self, backend: &Backend) -> Result<(), Error> {
        let until = tokio::time::Instant::now() + ENDS_WITHIN;
        while backend.terminate(&self.session).await? {
            if tokio::time::Instant::now() > until {
                return Err(Error::Protocol(format!(
                    "backend {} of a lost session does not end",
                    backend.pid
                )));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}
