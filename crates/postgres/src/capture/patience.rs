//! Statements that need a lock for a moment, tried again where somebody is in
//! the way.
//!
//! Whoever waits for a lock makes everybody who comes later wait too. So each
//! try is short, shorter than the server needs to see a deadlock: this tool
//! gives way, never the app (PostgreSQL manual, "Lock Management",
//! `deadlock_timeout`, by default one second).

use std::time::Duration;

use crate::Error;
use crate::session::Session;

/// How long one try may hold others up.
const TRY_MS: u32 = 400;
/// How often it is tried, and the pause in between: ten minutes in all.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(2600);
/// After so many tries it is told who is in the way.
const TELL_AFTER: u32 = 3;

/// Runs statements in one transaction until the locks that they need are free.
///
/// # Errors
/// [`Error::Locked`] when they never were; else what the server answers.
pub(super) async fn patiently(
    session: &Session,
    statements: &str,
    waiting: &(dyn Fn(&str) + Send + Sync),
) -> Result<(), Error> {
    let all = format!("BEGIN; SET LOCAL lock_timeout = {TRY_MS}; {statements}; COMMIT");
    for attempt in 1..=TRIES {
        let error = match session.batch_execute(&all).await {
            Ok(()) => return Ok(()),
            Err(error) => Error::from(error),
        };
        if !session.is_closed() {
            session.batch_execute("ROLLBACK").await?;
        }
        if !in_the_way(&error) {
            return Err(error);
        }
        if attempt == TRIES {
            let who = holders(session).await?;
            return Err(Error::Locked { who });
        }
        if attempt % TELL_AFTER == 0 {
            waiting(&holders(session).await?);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// A lock that was not free, or a deadlock that this session gave way in.
fn in_the_way(error: &Error) -> bool {
    matches!(error.sqlstate(), Some("55P03" | "40P01"))
}

/// Transactions of others that are open the longest: one of them holds the lock.
async fn holders(session: &Session) -> Result<String, Error> {
    let row = session
        .query_one(
            "SELECT coalesce(string_agg(pg_catalog.format('backend %s (%s, open for %s s)', pid, coalesce(nullif(application_name, ''), 'no name'), \
                    pg_catalog.round(extract(epoch FROM pg_catalog.clock_timestamp() - xact_start))), '; '), 'unknown') \
             FROM (SELECT * FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() \
                   AND pid <> pg_catalog.pg_backend_pid() AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 3) AS a",
            &[],
        )
        .await?;
    Ok(row.try_get(0)?)
}
