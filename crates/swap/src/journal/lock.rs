//! One advisory lock keeps two operators apart.
//!
//! It is a session lock (PostgreSQL manual 13.3.5): it goes with its connection, so a killed
//! process leaves none behind.

use connect_swap_engine::StepError;
use connect_swap_postgres::Session;
use uuid::Uuid;

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
        let database = |error: tokio_postgres::Error| {
            LockError::Database(StepError::failed("the lock cannot be taken").because(&error))
        };
        let (class, object) = keys(app);
        let row = session
            .query_one(
                "SELECT pg_catalog.pg_try_advisory_lock($1, $2)",
                &[&class, &object],
            )
            .await
            .map_err(database)?;
        if row.get(0) {
            return Ok(Self { session });
        }
        let holder = session
            .query_opt(
                "SELECT coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'a local socket'),
                        coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')
                 FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
                 WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int4::oid
                   AND l.objid = ($2::bigint & 4294967295)::text::oid
                   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
                &[&class, &i64::from(object)],
            )
            .await
            .map_err(database)?;
        let text = |row: &tokio_postgres::Row, index| row.get::<_, String>(index);
        Err(LockError::Held(holder.map_or_else(
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
        )))
    }

    /// The session that holds the lock.
    pub fn session(&self) -> &Session {
        &self.session
    }
}
