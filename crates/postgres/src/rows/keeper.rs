//! Keeps one view of the old database for all readers
//! (`pg_export_snapshot`, PostgreSQL manual, "Snapshot Synchronization").

use tokio::sync::Mutex;

use crate::Error;
use crate::ident::{TableRef, quote_literal};
use crate::session::{DatabaseUrl, Purpose, Session, connect, flush};

/// The session that keeps the snapshot.
pub(crate) struct Keeper<'a> {
    url: &'a DatabaseUrl,
    moment: Moment,
    open: Mutex<Option<Open>>,
}

/// Which view of the database all readers have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Moment {
    /// One of its own; another one after the session that kept it was lost.
    Any,
    /// One of its own, and none after it.
    One,
    /// One that another session has exported and keeps.
    Of(String),
}

struct Open {
    session: Session,
    snapshot: String,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(url: &'a DatabaseUrl, moment: Moment) -> Self {
        Self {
            url,
            moment,
            open: Mutex::new(None),
        }
    }

    /// The snapshot's name; a new snapshot where the session that kept the last
    /// one is gone and that does no harm.
    async fn snapshot(&self) -> Result<String, Error> {
        if let Moment::Of(snapshot) = &self.moment {
            return Ok(snapshot.clone());
        }
        let mut open = self.open.lock().await;
        if let Some(kept) = open.as_ref() {
            if !kept.session.is_closed() {
                return Ok(kept.snapshot.clone());
            }
            if self.moment == Moment::One {
                return Err(Error::SnapshotLost);
            }
        }
        let session = connect(self.url, Purpose::ReadOnly, "snapshot").await?;
        session
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let snapshot: String = session
            .query_one("SELECT pg_catalog.pg_export_snapshot()", &[])
            .await?
            .try_get(0)?;
        if self.moment == Moment::One {
            // What the snapshot has must not be lost in a crash while the new side keeps it.
            flush(&connect(self.url, Purpose::Work, "snapshot").await?).await?;
        }
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
