//! Ends the sessions of others.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_postgres::error::SqlState;

use super::raise::FenceReport;
use crate::Error;
use crate::session::Session;
use crate::sessions::{OtherSession, other_sessions};

/// How long sessions that were told to end are waited for.
const ENDING: Duration = Duration::from_secs(30);
/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(100);
/// How often nothing must be left: a session that was just being opened may
/// have read its settings before the fence and be seen after the first look.
const LOOKS: usize = 2;

/// Which sessions the fence leaves alone, besides this tool's own, and how long
/// it waits for the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Process ids of backends.
    pub pids: Vec<i32>,
    /// Beginnings of application names.
    pub application_prefixes: Vec<String>,
    /// How long sessions are told to end again and again.
    pub wait: Duration,
}

impl Default for Keep {
    /// Keeps none, and waits for 30 s.
    fn default() -> Self {
        Self {
            pids: Vec::new(),
            application_prefixes: Vec::new(),
            wait: ENDING,
        }
    }
}

impl Keep {
    fn keeps(&self, session: &OtherSession) -> bool {
        self.pids.contains(&session.pid)
            || self
                .application_prefixes
                .iter()
                .any(|prefix| session.application_name.starts_with(prefix))
    }
}

/// A session that could not be ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StillThere {
    /// The session.
    pub session: OtherSession,
    /// Why it is still there.
    pub why: String,
}

impl std::fmt::Display for StillThere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.session, self.why)
    }
}

/// Sessions that began after the fence was up, and so read its settings when
/// they began. Not those of roles whose own setting wins, nor any whose
/// beginning is hidden from this role.
const FENCED: &str = "\
SELECT pid FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database() AND backend_start > $1::text::timestamptz
  AND NOT coalesce(usename::text = ANY ($2), true)";

/// Tells sessions to end that are not fenced, until none is left, twice over, or
/// a bound is reached. `since` is a moment at which the fence was up.
pub(super) async fn end_others(
    session: &Session,
    keep: &Keep,
    since: &str,
    report: &mut FenceReport,
) -> Result<(), Error> {
    let deadline = Instant::now() + keep.wait;
    let mut told = std::collections::BTreeSet::new();
    let mut quiet = 0;
    loop {
        let mut left = Vec::new();
        report.idle_superusers.clear();
        let fenced = fenced(session, since, &report.unfenced_roles).await?;
        for other in other_sessions(session).await? {
            if keep.keeps(&other) || fenced.contains(&other.pid) {
                continue;
            }
            let Some(why) = terminate(session, other.pid).await? else {
                told.insert(other.pid);
                let why = format!("it did not end within {} s", keep.wait.as_secs());
                left.push(StillThere {
                    session: other,
                    why,
                });
                continue;
            };
            let idle = is_idle_superuser(session, other.pid).await?;
            let still = StillThere {
                session: other,
                why,
            };
            match idle {
                Some(true) => report.idle_superusers.push(still),
                Some(false) => left.push(still),
                None => {}
            }
        }
        report.ended = told.len();
        quiet = if left.is_empty() { quiet + 1 } else { 0 };
        if quiet == LOOKS || Instant::now() >= deadline {
            report.still_there = left;
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn fenced(session: &Session, since: &str, unfenced: &[String]) -> Result<Vec<i32>, Error> {
    let rows = session.query(FENCED, &[&since, &unfenced]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Whether a session is a superuser's without an open transaction, such as a
/// provider's monitoring; `None` where it is gone. What is hidden counts as
/// open.
async fn is_idle_superuser(session: &Session, pid: i32) -> Result<Option<bool>, Error> {
    let row = session
        .query_opt(
            "SELECT coalesce(r.rolsuper AND a.state = 'idle' AND a.xact_start IS NULL AND a.backend_xid IS NULL, false) \
             FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid WHERE a.pid = $1",
            &[&pid],
        )
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Tells a backend to end. Returns why not, if the server refuses.
async fn terminate(session: &Session, pid: i32) -> Result<Option<String>, Error> {
    match session
        .query_one("SELECT pg_catalog.pg_terminate_backend($1)", &[&pid])
        .await
    {
        Ok(_) => Ok(None),
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            Ok(Some(crate::error::server_words(&error)))
        }
        Err(error) => Err(error.into()),
    }
}
