//! Keeps one view of the old database for all readers
//! (`pg_export_snapshot`, PostgreSQL manual, "Snapshot Synchronization").

use tokio::sync::Mutex;

use crate::Error;
use crate::ident::{TableRef, quote_literal};
use crate::session::{DatabaseUrl, Purpose, Session, connect};

/// The session that keeps the snapshot.
pub(crate) struct Keeper<'a> {
    url: &'a DatabaseUrl,
    open: Mutex<Option<Open>>,
}

struct Open {
    session: Session,
    snapshot: String,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(url: &'a DatabaseUrl) -> Self {
        Self {
            url,
            open: Mutex::new(None),
        }
    }

    /// The snapshot's name; a new snapshot where the session that kept the last
    /// one is gone.
    async fn snapshot(&self) -> Result<String, Error> {
        let mut open = self.open.lock().await;
        if let Some(kept) = open.as_ref()
            && !kept.session.is_closed()
        {
            return Ok(kept.snapshot.clone());
        }
        let session = connect(self.url, Purpose::ReadOnly, "snapshot").await?;
        session
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let snapshot: String = session
            .query_one("SELECT pg_catalog.pg_export_snapshot()", &[])
            .await?
            .try_get(0)?;
        *open = Some(Open {
            session,
            snapshot: snapshot.clone(),
        });
        Ok(snapshot)
    }

    /// A session in a transaction that sees what the snapshot sees.
    pub(crate) async fn reader(&self) -> Result<Session, Error> {
        let session = connect(self.url, Purpose::ReadOnly, "copy").await?;
        self.enter(&session, "READ ONLY").await?;
        Ok(session)
    }

    /// A reader of one table whose row-level security is forced on its owner.
    /// The force is lifted within a transaction that is never committed, so
    /// nobody else sees it lifted; the table is locked until the session is
    /// closed (PostgreSQL manual, "ALTER TABLE").
    pub(crate) async fn forced_reader(&self, table: &TableRef) -> Result<Session, Error> {
        let session = connect(self.url, Purpose::Work, "copy").await?;
        self.enter(&session, "READ WRITE").await?;
        session.batch_execute(&unforce(table)).await?;
        Ok(session)
    }

    async fn enter(&self, session: &Session, mode: &str) -> Result<(), Error> {
        let snapshot = quote_literal(&self.snapshot().await?);
        session
            .batch_execute(&format!(
                "SET row_security = off; BEGIN ISOLATION LEVEL REPEATABLE READ {mode}; \
                 SET TRANSACTION SNAPSHOT {snapshot}"
            ))
            .await?;
        Ok(())
    }
}

/// Lifts the force for the rest of a transaction.
pub(crate) fn unforce(table: &TableRef) -> String {
    format!("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", table.sql())
}
