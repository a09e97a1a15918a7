//! Takes the app's lock for a command that changes something.

use std::time::Duration;

use connect_swap_engine::{ErrorKind, StepError};
use connect_swap_heroku::platform::Addon;
use connect_swap_postgres::Purpose;

use super::follow;
use super::gather::Gathered;
use crate::journal::{Lock, LockError, LockHolder};
use crate::operator::Operator;
use crate::topology::session_to;
use crate::world::{application, lock_key};

/// Why the lock is not held.
pub(super) enum NotLocked {
    /// Another run holds it: exit 9.
    Held(StepError),
    /// The database did not answer.
    Other(StepError),
}

/// How often, and at which distance, a lock is tried again that a `follow` holds for one round: half
/// a minute in all.
const TRIES: u32 = 60;
/// See [`TRIES`].
const PAUSE: Duration = Duration::from_millis(500);

/// Takes the lock in the database of an add-on. A round of `follow` that is under way is waited for.
///
/// # Errors
/// When another run holds it, or the database does not answer.
pub(super) async fn lock_in(
    operator: &Operator,
    gathered: &Gathered,
    database: &Addon,
    command: &str,
) -> Result<Lock, NotLocked> {
    let application = application(command, &operator.identity);
    let mut tries = 0;
    loop {
        let session = session_to(
            database,
            &gathered.attachments,
            &gathered.vars,
            Purpose::Work,
            &application,
        )
        .await
        .map_err(NotLocked::Other)?;
        tries += 1;
        match Lock::acquire(session, lock_key(&gathered.app.id)).await {
            Ok(lock) => return Ok(lock),
            Err(LockError::Database(error)) => return Err(NotLocked::Other(error)),
            Err(LockError::Held(holder)) if tries >= TRIES || !ends_soon(&holder) => {
                let app = gathered.app.name.as_str();
                return Err(NotLocked::Held(at_work(app, &holder)));
            }
            Err(LockError::Held(_)) => pause(operator).await.map_err(NotLocked::Other)?,
        }
    }
}

/// A round of `follow` takes seconds; what was gone before its name was read has ended.
fn ends_soon(holder: &LockHolder) -> bool {
    holder.is_gone() || who(holder).starts_with(&format!("{} ", follow::COMMAND))
}

/// The holder's name without the tool's own: command, user and machine.
fn who(holder: &LockHolder) -> &str {
    let name = holder.who.as_str();
    name.strip_prefix(connect_swap_postgres::APPLICATION_PREFIX)
        .map_or(name, str::trim_start)
}

async fn pause(operator: &Operator) -> Result<(), StepError> {
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => Ok(()),
        () = operator.control.interrupted() => Err(StepError::new(
            ErrorKind::Interrupted,
            "interrupted while waiting for a round of follow to end",
        )),
    }
}

/// Somebody else holds the lock.
pub(super) fn at_work(app: &str, holder: &LockHolder) -> StepError {
    let place = if holder.is_gone() {
        String::new()
    } else {
        format!(", from {}, since {}", holder.from, holder.since)
    };
    StepError::new(
        ErrorKind::Blocked,
        format!("another run is at work on {app}: {}{place}", who(holder)),
    )
    .hint(format!(
        "watch it: heroku connect:swap:status -a {app} --watch"
    ))
}

/// The Postgres add-on of the app with this name.
///
/// # Errors
/// When the app has none of this name.
pub(super) fn addon_named<'a>(gathered: &'a Gathered, name: &str) -> Result<&'a Addon, StepError> {
    gathered
        .addons
        .iter()
        .find(|addon| addon.name == *name)
        .ok_or_else(|| {
            StepError::drifted(format!(
                "{name} is not an add-on of {} any more",
                gathered.app.name
            ))
        })
}
