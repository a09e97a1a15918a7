//! One advisory lock keeps two operators apart.
//!
//! It is a session lock (PostgreSQL manual 13.3.5): it goes with its connection, so a killed
//! process leaves none behind.

use connect_swap_engine::StepError;
use connect_swap_postgres::Session;
use uuid::Uuid;

/// One session as its server knows it. Process ids come again; with the moment of its start it is
/// one session for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    pid: i32,
    started: String,
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// What the holder's connection calls itself: command, user and machine.
    pub who: String,
    /// The address it comes from, as the database sees it.
    pub from: String,
    /// Since when its connection is open.
    pub since: String,
}

impl LockHolder {
    /// Whether it was gone by the time that its name was asked for.
    pub fn is_gone(&self) -> bool {
        self.since.is_empty()
    }
}

/// The lock could not be had.
#[derive(Debug)]
pub enum LockError {
    /// Another run holds it.
    Held(LockHolder),
    /// The database did not answer.
    Database(StepError),
}

/// A held lock; it is given back when the session is dropped.
pub struct Lock {
    session: Session,
    backend: Backend,
}

/// The two keys of the lock: one of this tool, one of the app. The same for every resource of the
/// app, because they share formation and maintenance.
fn keys(app: Uuid) -> (i32, i32) {
    let bytes = app.as_bytes();
    let key = i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
        ^ i32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
    (0x5357_4150, key)
}

impl Lock {
    /// Takes the app's lock in its old database, without waiting.
    ///
    /// # Errors
    /// When another run holds it, or the database does not answer.
    pub async fn acquire(session: Session, app: Uuid) -> Result<Self, LockError> {
        let (class, object) = keys(app);
        let row = session
            .query_one(
                "SELECT pg_catalog.pg_try_advisory_lock($1, $2)",
                &[&class, &object],
            )
            .await
            .map_err(unanswered)?;
        if row.get(0) {
            let backend = own_backend(&session).await.map_err(unanswered)?;
            return Ok(Self { session, backend });
        }
        Err(LockError::Held(holder(&session, class, object).await?))
    }

    /// As [`Self::acquire`], after a session of this very process that held the lock was lost. Where
    /// the server has not noticed that yet, the lost session is ended: nobody else is at work in it.
    ///
    /// # Errors
    /// When another run holds it, or the database does not answer.
    pub async fn acquire_again(
        session: Session,
        app: Uuid,
        lost: &Backend,
    ) -> Result<Self, LockError> {
        end(&session, lost).await.map_err(unanswered)?;
        Self::acquire(session, app).await
    }

    /// The session that holds the lock.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Which session that is, to be told to [`Self::acquire_again`] when it is lost.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }
}

fn unanswered(error: tokio_postgres::Error) -> LockError {
    LockError::Database(StepError::failed("the lock cannot be taken").because(&error))
}

/// Seconds and microseconds, in UTC whatever the session's time zone.
const STARTED: &str = "to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";

async fn own_backend(session: &Session) -> Result<Backend, tokio_postgres::Error> {
    let sql = format!(
        "SELECT pid, coalesce({STARTED}, '') FROM pg_catalog.pg_stat_activity
         WHERE pid = pg_catalog.pg_backend_pid()"
    );
    let row = session.query_one(&sql, &[]).await?;
    Ok(Backend {
        pid: row.try_get(0)?,
        started: row.try_get(1)?,
    })
}

/// Ends a session, if it is still there, and waits a moment until it is gone.
async fn end(session: &Session, lost: &Backend) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
         WHERE pid = $1 AND {STARTED} = $2"
    );
    for _ in 0..ENDING_LOOKS {
        let there = session.query(&sql, &[&lost.pid, &lost.started]).await?;
        if there.is_empty() {
            break;
        }
        tokio::time::sleep(ENDING_PAUSE).await;
    }
    Ok(())
}

/// How often, and at which distance, a session that was told to end is looked for.
const ENDING_LOOKS: u32 = 20;
/// See [`ENDING_LOOKS`].
const ENDING_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

async fn holder(session: &Session, class: i32, object: i32) -> Result<LockHolder, LockError> {
    let sql = "SELECT coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'a local socket'),
                coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int4::oid
           AND l.objid = ($2::bigint & 4294967295)::text::oid
           AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())";
    let holder = session
        .query_opt(sql, &[&class, &i64::from(object)])
        .await
        .map_err(unanswered)?;
    let text = |row: &tokio_postgres::Row, index| row.get::<_, String>(index);
    Ok(holder.map_or_else(
        || LockHolder {
            who: "a run that has just ended".to_owned(),
            from: String::new(),
            since: String::new(),
        },
        |row| LockHolder {
            who: text(&row, 0),
            from: text(&row, 1),
            since: text(&row, 2),
        },
    ))
}
