//! Pausing and resuming a connection, to the end.
//!
//! A connection can only be paused when IDLE, the answer comes before the pause, and PAUSED alone
//! does not prove that mapping work has stopped (devcenter managing-heroku-connect-sync-and-connections,
//! Connect CLI plugin tests).

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use connect_swap_engine::{Progress, Scope, StepError};
use connect_swap_heroku::Error;
use connect_swap_heroku::connect::{Connection, ConnectionState};

use crate::trouble::During;
use crate::world::{Side, World, state_words};

/// Connect finishes pending operations first; a bulk job can take minutes.
pub(crate) const PAUSE_BOUND: Duration = Duration::from_secs(20 * 60);
/// How many answers to a pause may be lost before the step fails.
const LOST_ANSWERS: u32 = 5;
/// How long an accepted pause is watched for on the way back; the app is down meanwhile.
const LATE_PAUSE: Duration = Duration::from_secs(20);
/// How long a resumed connection may stay PAUSED.
pub(crate) const RESUME_BOUND: Duration = Duration::from_secs(10 * 60);

/// Pauses a connection and waits until it is really quiet.
pub(crate) async fn pause(scope: &Scope<'_, World>, side: Side) -> Result<Connection, StepError> {
    let world = scope.world;
    let wait = world.wait(
        format!("the {} connection to be paused and quiet", side.word()),
        PAUSE_BOUND,
        "look at the connection in the dashboard: what is it still doing?",
    );
    let lost = AtomicU32::new(0);
    scope
        .wait_for(&wait, async || {
            let connection = world.connection(side).await?;
            scope.progress(Progress::message(state_words(&connection)));
            if connection.is_quiet() {
                return Ok(Some(connection));
            }
            if connection.state.is_error() {
                return Err(StepError::failed(format!(
                    "the {} connection is in state {} and cannot be paused",
                    side.word(),
                    connection.state
                )));
            }
            if connection.state == ConnectionState::Idle {
                match world.heroku.connect().pause(&connection).await {
                    Ok(()) | Err(Error::NotIdle(_)) => {}
                    // It may have been accepted: the state tells, at the next look.
                    Err(error)
                        if !error.is_without_effect()
                            && lost.fetch_add(1, Ordering::Relaxed) < LOST_ANSWERS =>
                    {
                        scope.progress(Progress::message(format!(
                            "no answer to the pause: {error}"
                        )));
                    }
                    Err(error) => {
                        return Err(error)
                            .during(&format!("pausing the {} connection", side.word()));
                    }
                }
            }
            Ok(None)
        })
        .await
}

/// Takes back a pause of which only the request is known: Connect may have accepted it and not be
/// there yet. Asks it to go on, and watches for a while whether the pause comes all the same.
pub(crate) async fn take_back(scope: &Scope<'_, World>, side: Side) -> Result<(), StepError> {
    let world = scope.world;
    let connection = world.connection(side).await?;
    if connection.state == ConnectionState::Paused || !connection.state.is_ok() {
        return resume(scope, side).await;
    }
    // No document says what a connection that runs answers to this: any refusal will do.
    if let Err(error) = world.heroku.connect().resume(&connection).await
        && error.needs_login()
    {
        return Err(error).during(&format!("resuming the {} connection", side.word()));
    }
    let wait = world.wait(
        format!(
            "a pause of the {} connection that may still come",
            side.word()
        ),
        LATE_PAUSE * 2,
        "look at the connection in the dashboard",
    );
    let started = scope.clock.now();
    let came = scope
        .wait_for(&wait, async || {
            let now = world.reread(&connection).await?;
            scope.progress(Progress::message(state_words(&now)));
            let watched = scope.clock.now().duration_since(started).unsigned_abs();
            Ok(match now.state {
                ConnectionState::Paused => Some(true),
                _ => (watched >= LATE_PAUSE).then_some(false),
            })
        })
        .await?;
    if came {
        resume(scope, side).await
    } else {
        Ok(())
    }
}

/// Resumes a connection where it is paused, and waits until it runs.
pub(crate) async fn resume(scope: &Scope<'_, World>, side: Side) -> Result<(), StepError> {
    let world = scope.world;
    let connection = world.connection(side).await?;
    if connection.state != ConnectionState::Paused && connection.state.is_ok() {
        return Ok(());
    }
    let what = format!("resuming the {} connection", side.word());
    if connection.state.is_error() {
        world
            .heroku
            .connect()
            .restart(&connection)
            .await
            .during(&what)?;
    } else {
        world
            .heroku
            .connect()
            .resume(&connection)
            .await
            .during(&what)?;
    }
    let wait = world.wait(
        format!("the {} connection to run again", side.word()),
        RESUME_BOUND,
        "look at the connection in the dashboard",
    );
    scope
        .wait_for(&wait, async || {
            let now = world.reread(&connection).await?;
            scope.progress(Progress::message(state_words(&now)));
            Ok(now.state.is_ok().then_some(()))
        })
        .await
}

/// What a person types to resume a connection.
pub(crate) fn resume_by_hand(world: &World, side: Side) -> String {
    format!(
        "heroku connect:resume -a {} --resource {}",
        world.subject.app,
        world.connect_addon(side)
    )
}
