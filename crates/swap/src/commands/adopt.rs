//! Takes up a run: its world and its journal, under the lock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::StepError;
use connect_swap_heroku::AddonId;
use connect_swap_heroku::platform::Price;
use jiff::Timestamp;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::downtime::Estimate;
use crate::journal::{DeferredJournal, Lock, PgJournal};
use crate::operator::{Operator, Pace};
use crate::steps::shared::behind::Behind;
use crate::topology::{Found, OtherConnections, Subject};
use crate::world::{IdleSessions, World};

/// What a command adds to the run's own subject.
#[derive(Default)]
pub(super) struct Manner {
    /// How hard rows are copied.
    pub pace: Pace,
    /// The longest window.
    pub max_downtime: Option<Duration>,
    /// Whether stale materialized views are refreshed in the window.
    pub refresh_in_window: bool,
    /// The window expected.
    pub estimate: Option<Estimate>,
    /// What the operator lets stay behind.
    pub accepted: Option<Behind>,
    /// Other connections on the old database that the preflight let pass.
    pub others: Option<OtherConnections>,
    /// What the new database costs.
    pub database_price: Option<Price>,
    /// What the new Connect add-on costs.
    pub connect_price: Option<Price>,
}

/// The world of a run that is not in any journal yet.
pub(super) fn fresh_world(
    operator: &Operator,
    command: &str,
    run: Uuid,
    subject: Subject,
    lock: Option<Lock>,
    manner: Manner,
) -> World {
    let journal_at = subject.old.database.id.clone();
    World {
        heroku: operator.heroku.patient(),
        browser: Arc::clone(&operator.browser),
        files: operator.files.clone(),
        identity: operator.identity.clone(),
        run,
        created_at: stored(operator.clock.now()),
        subject,
        database_price: manner.database_price,
        connect_price: manner.connect_price,
        interval: operator.wait.interval,
        pace: manner.pace,
        max_downtime: manner.max_downtime,
        refresh_in_window: manner.refresh_in_window,
        estimate: manner.estimate,
        accepted: manner.accepted,
        others: manner.others,
        journal: Arc::new(DeferredJournal::default()),
        lock: Mutex::new(lock),
        kill_at: operator.kill_at.clone(),
        command: command.to_owned(),
        urls: Mutex::new(BTreeMap::new()),
        new_known: Mutex::new(None),
        idle: IdleSessions::default(),
        journal_at: Mutex::new(journal_at),
    }
}

/// PostgreSQL keeps microseconds; a moment that is written and read back must be the same.
fn stored(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// Nothing is written for a run whose journal is of a newer format.
///
/// # Errors
/// When it is.
pub(super) fn refuse_newer(found: &Found) -> Result<(), StepError> {
    if !found.run.is_writable() {
        return Err(
            StepError::blocked("this swap was begun by a newer version of this tool")
                .hint("update: heroku plugins:update"),
        );
    }
    Ok(())
}

/// The world of a run that a journal holds, with the journal open for writing.
///
/// # Errors
/// When the journal cannot be read, or was written by a newer version.
pub(super) async fn adopt(
    operator: &Operator,
    command: &str,
    found: &Found,
    held_by: AddonId,
    lock: Lock,
    manner: Manner,
) -> Result<World, StepError> {
    refuse_newer(found)?;
    let mut world = fresh_world(
        operator,
        command,
        found.run.id,
        found.subject.clone(),
        None,
        manner,
    );
    world.created_at = found.run.created_at;
    let relock = world.relock_to(held_by.clone());
    let journal = PgJournal::open(found.run.id, lock, relock, operator.kill_at.clone()).await?;
    world.journal = Arc::new(DeferredJournal::opened(Arc::new(journal)));
    world.journal_at = Mutex::new(held_by);
    Ok(world)
}
