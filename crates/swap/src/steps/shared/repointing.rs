//! Giving a connection another database, and proving by Connect's own word which one it has.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use connect_swap_engine::{Level, Progress, Scope, StepError};
use connect_swap_heroku::connect::{Connection, ConnectionState};
use connect_swap_heroku::{ConfigVarName, Error};
use jiff::Timestamp;

use super::pausing::PAUSE_BOUND;
use crate::trouble::During;
use crate::world::{Side, World, state_words, target};

/// Connect reads config vars anew when its database is set; this is for slow days.
const TARGET_BOUND: Duration = Duration::from_secs(10 * 60);

/// How long a mapping of a paused connection may show a poll that does not end. Its database takes no
/// more writes, or is nobody's any more, so nothing is lost by going on, and users are waiting.
const LAST_POLL: Duration = Duration::from_secs(2 * 60);

/// Sets a connection's database.
pub(crate) async fn repoint(
    scope: &Scope<'_, World>,
    side: Side,
    config_var: &str,
) -> Result<(), StepError> {
    let world = scope.world;
    let connection = world.connection(side).await?;
    let key = ConfigVarName::try_from(config_var).map_err(|error| {
        StepError::failed(format!("{config_var} is no config var's name")).because(&error)
    })?;
    world
        .heroku
        .connect()
        .set_database(&connection, &key, world.schema())
        .await
        .during(&format!(
            "pointing the {} connection at {config_var}",
            side.word()
        ))
        .map(drop)
}

/// Waits until Connect itself says that the connection syncs with its own side's database.
pub(crate) async fn assert_target(scope: &Scope<'_, World>, side: Side) -> Result<(), StepError> {
    let world = scope.world;
    let wanted = match side {
        Side::Old => world.old_physical().await?,
        Side::New => world.new_physical().await?,
    };
    let wait = world.wait(
        format!("the {} connection to sync with {wanted}", side.word()),
        TARGET_BOUND,
        "look at the connection's settings in the dashboard",
    );
    scope
        .wait_for(&wait, async || {
            let connection = world.connection(side).await?;
            let found = target(&connection);
            if found.as_ref() == Some(&wanted) {
                return Ok(Some(()));
            }
            let found = found.map_or_else(|| "no database".to_owned(), |p| p.to_string());
            scope.progress(Progress::message(format!("syncs with {found}")));
            Ok(None)
        })
        .await
}

/// Paused and quiet, or stopped by an error: either way it does nothing any more.
pub(crate) fn is_at_rest(connection: &Connection) -> bool {
    connection.is_quiet() || connection.state.is_error()
}

/// Pauses the old connection again after its database was set, and waits until it is at rest.
///
/// The old database is fenced by then. A connection that wakes up, finds Salesforce's newest
/// changes and cannot write them stops with an error instead; that is rest too, and said.
pub(crate) async fn rest(scope: &Scope<'_, World>, side: Side) -> Result<String, StepError> {
    let world = scope.world;
    let wait = world.wait(
        format!("the {} connection to be paused again", side.word()),
        PAUSE_BOUND,
        "pause it by hand in the dashboard; the same command goes on",
    );
    let paused = Mutex::new(None);
    let connection = scope
        .wait_for(&wait, async || {
            let connection = world.connection(side).await?;
            scope.progress(Progress::message(state_words(&connection)));
            if is_at_rest(&connection) || paused_for_long(scope, &connection, &paused) {
                return Ok(Some(connection));
            }
            if connection.state == ConnectionState::Idle {
                match world.heroku.connect().pause(&connection).await {
                    Ok(()) | Err(Error::NotIdle(_)) => {}
                    Err(error) => {
                        return Err(error)
                            .during(&format!("pausing the {} connection again", side.word()));
                    }
                }
            }
            Ok(None)
        })
        .await?;
    if !is_at_rest(&connection) {
        scope.notice(
            Level::Warning,
            format!(
                "the {} connection is paused, and still shows work on {}; not waited for any longer",
                side.word(),
                unsettled(&connection)
            ),
        );
    }
    if connection.state.is_error() {
        scope.notice(
            Level::Warning,
            format!(
                "the {} connection stopped in state {} instead of pausing: its database is read-only now",
                side.word(),
                connection.state
            ),
        );
    }
    Ok(connection.state.to_string())
}

/// Whether it was seen paused at every look for so long.
fn paused_for_long(
    scope: &Scope<'_, World>,
    connection: &Connection,
    paused: &Mutex<Option<Timestamp>>,
) -> bool {
    let mut since = paused.lock().unwrap_or_else(PoisonError::into_inner);
    if connection.state != ConnectionState::Paused {
        *since = None;
        return false;
    }
    let now = scope.clock.now();
    let began = *since.get_or_insert(now);
    now.duration_since(began).unsigned_abs() > LAST_POLL
}

fn unsettled(connection: &Connection) -> String {
    let mappings = connection.mappings.iter().filter(|m| !m.is_quiet());
    let names: Vec<_> = mappings.map(|m| m.object_name.to_string()).collect();
    names.join(", ")
}
