//! What steps work on: the clients, the run's subject, and live looks at both pairs.

mod budget;
mod connections;
mod databases;
mod idle;
mod others;
mod platform;
mod relock;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{Description, Wait};
use connect_swap_heroku::platform::Price;
use connect_swap_heroku::{AddonId, Heroku};
use connect_swap_postgres::DatabaseUrl;
use jiff::Timestamp;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::downtime::Estimate;
use crate::journal::{DeferredJournal, KillPoint, Lock};
use crate::operator::{Browser, Identity, Pace};
use crate::steps::shared::behind::Behind;
pub(crate) use crate::topology::physical;
pub use crate::topology::target;
use crate::topology::{OtherConnections, Subject};

pub(crate) use budget::{Budget, spare_time};
pub use connections::{Side, state_words};
pub(crate) use databases::url_of_addon;
pub use idle::{IdleSessions, Lent};
pub use platform::DATABASE;
pub use relock::{Relock, lock_key};

/// The world of one run.
pub struct World {
    /// The API clients.
    pub heroku: Heroku,
    /// Opens the Salesforce login page.
    pub browser: Arc<dyn Browser>,
    /// A private directory on this machine.
    pub files: PathBuf,
    /// Who runs this.
    pub identity: Identity,
    /// The run.
    pub run: Uuid,
    /// When the run was begun.
    pub created_at: Timestamp,
    /// What is swapped for what.
    pub subject: Subject,
    /// What the new database costs.
    pub database_price: Option<Price>,
    /// What the new Connect add-on costs.
    pub connect_price: Option<Price>,
    /// Between two looks at something that changes within minutes.
    pub interval: Duration,
    /// How hard rows are copied.
    pub pace: Pace,
    /// The longest window the operator accepts.
    pub max_downtime: Option<Duration>,
    /// Whether stale materialized views are refreshed in the window (`--refresh-in-window`).
    pub refresh_in_window: bool,
    /// The window expected.
    pub estimate: Option<Estimate>,
    /// What the operator lets stay behind, where this command made a preflight.
    pub accepted: Option<Behind>,
    /// Other connections on the old database, where this command made a preflight: the operator has
    /// accepted these, or there are none.
    pub others: Option<OtherConnections>,
    /// The journal.
    pub journal: Arc<DeferredJournal>,
    /// The lock, until the journal is opened and takes it over.
    pub lock: Mutex<Option<Lock>>,
    /// Which add-on's database holds the journal at this moment.
    pub(crate) journal_at: Mutex<AddonId>,
    /// Ends this process at a journal write; only in tests.
    pub kill_at: Option<KillPoint>,
    /// The command, for the database's list of sessions.
    pub command: String,
    /// Addresses read so far; read again when one does not answer.
    pub(crate) urls: Mutex<BTreeMap<AddonId, DatabaseUrl>>,
    /// Sessions whose user is done with them.
    pub(crate) idle: IdleSessions,
    /// The new Postgres add-on, where it need not be looked up at each look.
    pub(crate) new_known: Mutex<Option<AddonId>>,
}

impl World {
    /// How this tool's sessions name themselves: command, user and machine, so that a second
    /// operator can be told who is at work.
    pub fn application(&self) -> String {
        application(&self.command, &self.identity)
    }

    /// Whether the journal stands in the database of this add-on.
    pub async fn journal_is_in(&self, addon: &AddonId) -> bool {
        *self.journal_at.lock().await == *addon
    }

    /// Remembers where the journal stands now.
    pub async fn journal_moved_to(&self, addon: AddonId) {
        *self.journal_at.lock().await = addon;
    }

    /// A wait with this run's interval.
    pub fn wait(&self, reason: impl Into<String>, bound: Duration, way_out: &str) -> Wait {
        Wait {
            reason: reason.into(),
            interval: self.interval,
            bound,
            way_out: way_out.to_owned(),
        }
    }

    /// A description with the app's name as what is typed to confirm.
    pub fn describe(&self, what: impl Into<String>) -> Description {
        Description {
            what: what.into(),
            confirm_with: self.subject.app.to_string(),
            ..Description::default()
        }
    }

    /// The schema Connect keeps its tables in, on both sides.
    pub fn schema(&self) -> &str {
        &self.subject.old.schema_name
    }
}

/// What a session of this tool is called after the tool's own name.
pub fn application(command: &str, identity: &Identity) -> String {
    let name = format!("{command} {}@{}", identity.user, identity.host);
    // PostgreSQL cuts application_name at 63 bytes; cut at a character of our own choice.
    let printable = name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
    let prefix = connect_swap_postgres::APPLICATION_PREFIX.len() + 1;
    printable.take(63 - prefix).collect()
}
