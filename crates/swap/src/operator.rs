//! Everything a command is given: clients, gate, time, the operator's machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connect_swap_engine::{Clock, Control, Gate, Injection, Sink};
use connect_swap_heroku::{AddonName, AppName, AttachmentName, Heroku};
use connect_swap_postgres::Overrides;
use serde::{Deserialize, Serialize};

use crate::journal::KillPoint;

/// Opens a page in the operator's browser.
pub trait Browser: Send + Sync {
    /// Whether a browser was started.
    fn open(&self, url: &str) -> bool;
}

/// Lets the operator pick what to add where no `--add` was given.
pub trait Picker: Send + Sync {
    /// Picks one mapping; `None` when the operator gave up.
    fn mapping(&self, objects: &[String]) -> Option<usize>;

    /// Picks fields of an object, given as name and type; `None` when the operator gave up.
    fn fields(&self, object: &str, fields: &[(String, String)]) -> Option<Vec<usize>>;
}

/// Who runs the command, for the journal and for the message to a second operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The user's name on that machine.
    pub user: String,
    /// The machine's name.
    pub host: String,
    /// The tool's version.
    pub version: String,
}

/// How patient waits are.
#[derive(Debug, Clone)]
pub struct WaitSettings {
    /// Between two looks at something that changes within minutes (`--wait-interval`).
    pub interval: Duration,
}

/// What every command works with.
#[derive(Clone)]
pub struct Operator {
    /// The API clients.
    pub heroku: Heroku,
    /// Who is asked for consent.
    pub gate: Arc<dyn Gate>,
    /// Who is told what happens.
    pub sink: Arc<dyn Sink>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How the run is asked to pause.
    pub control: Control,
    /// Opens the Salesforce login page.
    pub browser: Arc<dyn Browser>,
    /// Who runs this.
    pub identity: Identity,
    /// A private directory (0700) on this machine for exports and reports.
    pub files: PathBuf,
    /// Faults put in on purpose; none outside tests.
    pub injection: Injection,
    /// How patient waits are.
    pub wait: WaitSettings,
    /// Ends this process with SIGKILL at a journal write; only for tests on loopback.
    pub kill_at: Option<KillPoint>,
}

/// Which app, and which of its Connect add-ons.
#[derive(Debug, Clone)]
pub struct Target {
    /// The app.
    pub app: AppName,
    /// The old Connect add-on, where the app has several.
    pub resource: Option<AddonName>,
}

/// How hard rows are copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// How many workers copy side by side (`--jobs`).
    pub jobs: Option<usize>,
    /// The most bytes a second (`--throttle`).
    pub throttle: Option<u64>,
    /// The most bytes that the logs of changed rows may take (`--capture-limit`).
    pub capture_limit: Option<u64>,
}

/// What `plan` and `prep` are asked for.
#[derive(Clone)]
pub struct PrepArgs {
    /// The app.
    pub target: Target,
    /// `Object.Field[,Field…]`, once for each `--add`.
    pub add: Vec<String>,
    /// `Object.Field`, once for each `--index`.
    pub index: Vec<String>,
    /// An edited export to use in place of `add` and `index`.
    pub mappings: Option<PathBuf>,
    /// The attachment name of the new database.
    pub attach_as: AttachmentName,
    /// The plan of the new database; the old one's where none is given.
    pub plan: Option<String>,
    /// Decisions of the inventory that are not to hold.
    pub overrides: Overrides,
    /// Accepted blocking findings.
    pub acks: Vec<String>,
    /// How hard rows are copied.
    pub pace: Pace,
    /// Asks the operator what to add, where there is a terminal.
    pub picker: Option<Arc<dyn Picker>>,
}

/// What `cutover` is asked for.
#[derive(Debug, Clone)]
pub struct CutoverArgs {
    /// The app.
    pub target: Target,
    /// Accepted blocking findings.
    pub acks: Vec<String>,
    /// Go back by itself when the window would be longer.
    pub max_downtime: Option<Duration>,
    /// Refresh stale materialized views before the app is up, not after (`--refresh-in-window`).
    pub refresh_in_window: bool,
    /// How hard rows are copied.
    pub pace: Pace,
}

/// What `follow` is asked for.
#[derive(Debug, Clone)]
pub struct FollowArgs {
    /// The app.
    pub target: Target,
    /// Between two rounds.
    pub every: Duration,
    /// One round and no more.
    pub once: bool,
}
