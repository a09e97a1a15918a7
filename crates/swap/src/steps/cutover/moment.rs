//! The moment at which the window is shortest.
//!
//! The window cannot end before the new connection has polled what the app wrote last
//! ([`super::WaitPolls`]), and polls come at the interval of each mapping, ten minutes by default. A
//! window that begins shortly before a poll waits seconds for it, one that begins after it nearly the
//! whole interval. So once a person has agreed, the rest of the interval is waited for while the app
//! runs on. That a mapping polls at its interval since the last poll is expected of Connect, not
//! promised: where it does not, the window waits as long as it would have otherwise.

use std::time::Duration;

use connect_swap_engine::{Level, Progress, Scope, StepError};
use connect_swap_heroku::connect::{Connection, ConnectionState, Mapping};
use jiff::{SignedDuration, Timestamp};

use super::CaughtUp;
use super::catch_up::until_short;
use crate::downtime::{Estimate, Phase};
use crate::steps::shared::poll_times::{Poll, best};
use crate::steps::shared::polling::{Polls, latest};
use crate::words;
use crate::world::{Side, World};

/// Nobody is kept from the window for longer, however rarely a mapping polls.
const PATIENCE: Duration = Duration::from_secs(3600);
/// From the window's beginning until everything is sent, in seconds, where nothing is known of the app.
const UNTIL_SENT: f64 = 150.0;
/// So much earlier, as a stamp may be that of a poll's end and the next one then begins before it.
const MARGIN: Duration = Duration::from_secs(30);
/// How late the window may begin without the poll being missed.
const LATE: Duration = Duration::from_secs(10);
/// Connect looks for changes in the old database every 2 minutes, and stamps that.
const STAMP_WITHIN: Duration = Duration::from_secs(150);
/// How long between two rounds, so that little is left for the window; Connect is asked as often.
const ROUND_EVERY: Duration = Duration::from_secs(60);
/// The last round begins at least so long before the window.
const LEAD: Duration = Duration::from_secs(10);

/// Waits, while the app runs, until a window that begins is shortest.
///
/// # Errors
/// An interruption; that the new connection can poll nothing; what fails a round.
pub(super) async fn await_moment(scope: &Scope<'_, World>) -> Result<(), StepError> {
    let new = polling(scope.world).await?;
    let old = scope.world.connection(Side::Old).await?;
    // What is paused polls nothing, and is not waited for in the window either.
    if new.state == ConnectionState::Paused || lacking(&new, old).is_empty() {
        return Ok(());
    }
    let ahead = ahead(scope).await?;
    let since = scope.clock.now();
    let mut told = false;
    let before: CaughtUp = scope.outputs.find("catch-up")?.unwrap_or_default();
    let mut lead_time = lead(Duration::try_from_secs_f64(before.last_seconds).unwrap_or_default());
    // By rounds too: a clock that is put back must not make this endless.
    for _ in 0..=PATIENCE.as_secs() / ROUND_EVERY.as_secs() {
        let waited = passed(scope, since);
        let patience = PATIENCE.saturating_sub(waited);
        let Some(better) = better_moment(scope, ahead, patience).await? else {
            return Ok(());
        };
        if !told {
            tell(scope, &better);
            told = true;
        }
        let last_round = better.wait.saturating_sub(lead_time);
        until(scope, &better, last_round.min(ROUND_EVERY)).await?;
        let began = scope.clock.now();
        until_short(scope, &mut CaughtUp::default()).await?;
        lead_time = lead(passed(scope, began));
        if last_round <= ROUND_EVERY {
            until(scope, &better, better.wait).await?;
            if passed(scope, better.seen) <= better.wait + LATE {
                return polling(scope.world).await.map(drop);
            }
        }
    }
    Ok(())
}

/// How long before the window the last round begins, where the one before it took so long.
fn lead(round: Duration) -> Duration {
    LEAD.max(round * 2)
}

fn passed(scope: &Scope<'_, World>, since: Timestamp) -> Duration {
    let passed = scope.clock.now().duration_since(since);
    Duration::try_from(passed).unwrap_or_default()
}

/// A moment at which the window is shorter than now.
struct Better {
    /// When that was seen.
    seen: Timestamp,
    /// How long after it the moment is.
    wait: Duration,
    /// How many seconds the window is shorter then.
    saves: f64,
    /// The mappings that are waited for, for a person.
    mappings: String,
}

/// How far this machine's clock is ahead of Connect's, by the next stamp that either connection shows;
/// no other clock of Connect's is to be had. Nothing where none comes.
async fn ahead(scope: &Scope<'_, World>) -> Result<SignedDuration, StepError> {
    let world = scope.world;
    let stamp = async || {
        let new = polling(world).await?;
        let old = world.connection(Side::Old).await?;
        Ok::<_, StepError>(latest(&new).max(latest(&old)))
    };
    let (started, first) = (scope.clock.now(), stamp().await?);
    scope.progress(Progress::message(
        "watches when Connect polls, to begin shortly before; the app runs on",
    ));
    let wait = world.wait(
        "a poll of either connection",
        STAMP_WITHIN * 2,
        "see the dashboard",
    );
    scope
        .wait_for(&wait, async || {
            let (now, seen) = (scope.clock.now(), stamp().await?);
            let ahead = seen
                .filter(|_| seen > first)
                .map(|seen| now.duration_since(seen));
            let over = passed(scope, started) >= STAMP_WITHIN;
            Ok(ahead.or(over.then_some(SignedDuration::ZERO)))
        })
        .await
}

async fn better_moment(
    scope: &Scope<'_, World>,
    ahead: SignedDuration,
    within: Duration,
) -> Result<Option<Better>, StepError> {
    let world = scope.world;
    let new = polling(world).await?;
    let lacking = lacking(&new, world.connection(Side::Old).await?);
    let now = scope.clock.now();
    let polls: Vec<Poll> = lacking
        .iter()
        .filter_map(|mapping| Poll::of(mapping, now.saturating_sub(ahead).ok()?))
        .collect();
    let until_sent = until_sent(world.estimate.as_ref());
    let Some((wait, saves)) = best(&polls, until_sent, within.as_secs_f64()) else {
        return Ok(None);
    };
    Ok(Some(Better {
        seen: now,
        wait: Duration::from_secs_f64(wait),
        saves,
        mappings: named(&lacking),
    }))
}

/// The new connection, which can poll.
async fn polling(world: &World) -> Result<Connection, StepError> {
    let new = world.connection(Side::New).await?;
    if !new.state.is_error() {
        return Ok(new);
    }
    Err(StepError::failed(format!(
        "the new connection is in state {} and polls nothing",
        new.state
    ))
    .hint(
        "the app was not touched; mend the connection in its dashboard, then run the same command",
    ))
}

fn named(mappings: &[&Mapping]) -> String {
    match mappings {
        [one] => one.object_name.clone(),
        several => words::count(several.len(), "mapping"),
    }
}

/// The mappings whose next poll a window that began now would wait for. Changes that are streamed come
/// at once, mostly, and not at an interval.
fn lacking(new: &Connection, old: Connection) -> Vec<&Mapping> {
    let lacking = Polls::since_sent(old).lacking(new).into_iter();
    lacking.filter(|mapping| !mapping.is_streamed()).collect()
}

/// From the window's beginning until everything the app wrote is sent, in seconds, at worst.
fn until_sent(expected: Option<&Estimate>) -> f64 {
    let high = |phase| Some(expected?.phase(phase)?.high);
    let both = high(Phase::Stop).zip(high(Phase::Drain));
    both.map_or(UNTIL_SENT, |(stop, drain)| stop + drain) + MARGIN.as_secs_f64()
}

/// Once, as a person waits for it and may have announced another time.
fn tell(scope: &Scope<'_, World>, better: &Better) {
    scope.notice(
        Level::Info,
        format!(
            "the window begins in about {}, shortly before the new connection polls {}: begun now it would last up \
             to {} longer. The app runs on until then; Ctrl-C ends this with nothing touched",
            words::duration(better.wait.as_secs_f64()),
            better.mappings,
            words::duration(better.saves),
        ),
    );
}

/// Until so long after that was seen.
async fn until(scope: &Scope<'_, World>, better: &Better, wait: Duration) -> Result<(), StepError> {
    loop {
        let gone = passed(scope, better.seen);
        let left = better.wait.saturating_sub(gone).as_secs_f64();
        let left = words::duration(left);
        scope.progress(Progress::message(format!(
            "begins in {left}; the app runs on"
        )));
        let Some(pause) = wait.checked_sub(gone).filter(|pause| !pause.is_zero()) else {
            return Ok(());
        };
        scope.sleep(scope.world.interval.min(pause)).await?;
    }
}
