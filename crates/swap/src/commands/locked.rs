//! Takes the app's lock for a command that changes something.

use connect_swap_engine::{ErrorKind, StepError};
use connect_swap_heroku::platform::Addon;
use connect_swap_postgres::Purpose;

use super::gather::Gathered;
use crate::journal::{Lock, LockError};
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

/// Takes the lock in the database of an add-on.
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
    let session = session_to(
        database,
        &gathered.attachments,
        &gathered.vars,
        Purpose::Work,
        &application,
    )
    .await
    .map_err(NotLocked::Other)?;
    match Lock::acquire(session, lock_key(&gathered.app.id)).await {
        Ok(lock) => Ok(lock),
        Err(LockError::Database(error)) => Err(NotLocked::Other(error)),
        Err(LockError::Held(holder)) => {
            let who = holder
                .who
                .trim_start_matches(connect_swap_postgres::APPLICATION_PREFIX);
            Err(NotLocked::Held(
                StepError::new(
                    ErrorKind::Blocked,
                    format!(
                        "another run is at work on {}:{who}, from {}, since {}",
                        gathered.app.name, holder.from, holder.since
                    ),
                )
                .hint(format!(
                    "watch it: heroku connect:swap:status -a {} --watch",
                    gathered.app.name
                )),
            ))
        }
    }
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
