//! Whether the new database shows what the app wrote lately, by the rows themselves.
//!
//! What Salesforce streams arrives within seconds, and no stamp of Connect's tells of it. So the rows
//! that the app wrote are compared, for as far back as a poll of the new connection may not have
//! covered. Where they cannot be, because they are too many or the log is not as expected, nothing is
//! concluded, and Connect's stamps decide.

use std::collections::BTreeSet;
use std::time::Duration;

use connect_swap_engine::StepError;
use connect_swap_heroku::connect::{Connection, Mapping};
use connect_swap_postgres::{LatestWrite, LatestWrites, Purpose, have_arrived, latest_writes};
use jiff::Timestamp;

use super::polling::latest;
use crate::trouble::During;
use crate::world::{Lent, World};

/// Connect polls the old database every 2 minutes and stamps that, so its clock is at most so much
/// ahead of its latest stamp; and a minute for clocks that differ.
const CLOCKS: Duration = Duration::from_secs(180);
/// A change may be sent so long after it was made, and so after others that were made later.
const OUT_OF_ORDER: Duration = Duration::from_secs(3600);
/// More changes of a table are not compared.
const MOST: usize = 5_000;
/// The window does not wait longer for one of these queries.
const PATIENCE: &str = "SET statement_timeout = '10s'";

/// What the app wrote lately, and what of it the new database has shown.
pub(crate) struct Arrivals {
    writes: Option<LatestWrites>,
    /// When Connect stamped something last, of either connection.
    stamped: Option<Timestamp>,
    arrived: BTreeSet<String>,
}

impl Arrivals {
    /// What the app wrote until now, once the old connection has sent everything.
    pub(crate) async fn until_now(world: &World, old: &Connection, new: &Connection) -> Self {
        let stamped = latest(old).max(latest(new));
        let within = new.mappings.iter().filter_map(|at| uncovered(at, stamped?));
        let writes = match within.max() {
            Some(within) => written(world, within).await.ok().flatten(),
            None => None,
        };
        Self {
            writes,
            stamped,
            arrived: BTreeSet::new(),
        }
    }

    /// Those of the mappings whose tables do not show what the app wrote.
    pub(crate) async fn lacking<'c>(
        &mut self,
        world: &World,
        mappings: Vec<&'c Mapping>,
    ) -> Vec<&'c Mapping> {
        let mut lacking = Vec::new();
        for mapping in mappings {
            // A look that fails proves nothing; the next one may not.
            if self.has_arrived(world, mapping).await.unwrap_or(false) {
                self.arrived.insert(mapping.object_name.clone());
            } else {
                lacking.push(mapping);
            }
        }
        lacking
    }

    async fn has_arrived(&self, world: &World, mapping: &Mapping) -> Result<bool, StepError> {
        if self.arrived.contains(&mapping.object_name) {
            return Ok(true);
        }
        let Some(writes) = self.writes_to(mapping) else {
            return Ok(false);
        };
        if writes.is_empty() {
            return Ok(true);
        }
        let (old, new) = (old(world).await?, new(world).await?);
        have_arrived(&old, &new, world.schema(), &mapping.table_name(), &writes)
            .await
            .during("comparing what the app wrote last")
    }

    /// What the mapping's polls may not have covered; nothing where that cannot be told.
    fn writes_to(&self, mapping: &Mapping) -> Option<Vec<&LatestWrite>> {
        let known = self.writes.as_ref()?;
        let within = uncovered(mapping, self.stamped?)?;
        let too_short = |reach| reach < within + OUT_OF_ORDER;
        if known.reach.is_some_and(too_short) {
            return None;
        }
        let table = mapping.table_name();
        let writes = known.writes.iter();
        let writes: Vec<_> = writes
            .filter(|write| write.table == table && write.sent <= within)
            .collect();
        (writes.len() <= MOST).then_some(writes)
    }
}

/// What was sent longer ago than that is in the new table: the poll that the mapping shows began at
/// most one interval before its stamp, and one that is under way may have put its stamp there.
fn uncovered(mapping: &Mapping, stamped: Timestamp) -> Option<Duration> {
    let since = stamped.duration_since(mapping.times.sf_poll?);
    let since = Duration::try_from(since).unwrap_or_default();
    Some(since + mapping.polling_interval() * 2 + CLOCKS)
}

async fn written(world: &World, within: Duration) -> Result<Option<LatestWrites>, StepError> {
    let session = old(world).await?;
    latest_writes(&session, world.schema(), within)
        .await
        .during("reading what the app wrote last")
}

async fn old(world: &World) -> Result<Lent, StepError> {
    bounded(world.old_session(Purpose::ReadOnly).await?).await
}

async fn new(world: &World) -> Result<Lent, StepError> {
    bounded(world.new_session(Purpose::ReadOnly).await?).await
}

async fn bounded(session: Lent) -> Result<Lent, StepError> {
    let set = session.batch_execute(PATIENCE).await;
    set.during("reading what the app wrote last")?;
    Ok(session)
}
