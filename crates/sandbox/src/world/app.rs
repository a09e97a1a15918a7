//! An app and the parts that belong to it alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::availability::Availability;
use super::provisioning::Provisioning;
use crate::workload::Workload;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) maintenance: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Config vars set by people; attachments set the others.
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) formation: BTreeMap<String, ProcessType>,
    pub(crate) dynos: Vec<Dyno>,
    /// Oldest first.
    pub(crate) releases: Vec<Release>,
    pub(crate) release_phase: ReleasePhase,
    pub(crate) provisioning: Provisioning,
    /// Whether dynos run at all yet.
    pub(crate) launched: bool,
    /// How often all dynos were restarted by hand.
    pub(crate) restarts: u64,
    pub(crate) delays: DynoDelays,
    /// Whether dynos that start from now on crash instead of coming up.
    pub(crate) crashes_at_boot: bool,
    /// What the app's dynos do.
    pub(crate) workload: Option<Arc<Workload>>,
    pub(crate) availability: Availability,
    /// Release phases run one after the other.
    pub(crate) release_queue: Arc<tokio::sync::Mutex<()>>,
}

/// How long this app's dynos take, in sandbox time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DynoDelays {
    pub(crate) start: Duration,
    pub(crate) stop: Duration,
}

#[derive(Clone, Debug)]
pub(crate) struct ProcessType {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) quantity: u32,
    pub(crate) size: &'static str,
    pub(crate) command: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Dyno {
    pub(crate) id: Uuid,
    /// `web.1`, `run.4711`.
    pub(crate) name: String,
    pub(crate) process_type: String,
    pub(crate) number: u32,
    pub(crate) size: &'static str,
    pub(crate) command: String,
    pub(crate) state: DynoState,
    pub(crate) release_id: Uuid,
    pub(crate) release_version: u64,
    pub(crate) restarts: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Asks the dyno to stop.
    pub(crate) stop: CancellationToken,
    /// Not part of the formation: scaling and restarts pass it by.
    pub(crate) one_off: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DynoState {
    Starting,
    Up,
    Crashed,
}

impl DynoState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Crashed => "crashed",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) id: Uuid,
    pub(crate) version: u64,
    pub(crate) description: String,
    pub(crate) status: ReleaseStatus,
    pub(crate) addon_plans: Vec<&'static str>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Whether a release phase ran, so that there is output to read.
    pub(crate) had_phase: bool,
    /// The config vars as they were set by this release.
    pub(crate) config: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReleaseStatus {
    Pending,
    Succeeded,
    Failed,
}

impl ReleaseStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// What happens when an app with the process type `release` gets a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleasePhase {
    /// How long the release command runs, in sandbox time.
    pub takes: Duration,
    /// How it ends.
    pub outcome: ReleaseOutcome,
}

/// How a release command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseOutcome {
    /// Exit code 0: the release becomes current and the dynos restart.
    Succeeds,
    /// Another exit code: config vars stay as changed, but the dynos keep the old release.
    Fails,
    /// It never ends: the release stays `pending`.
    Hangs,
    /// It writes to its database, as a migration does, and fails where it has none or may not.
    Writes,
}

impl Default for ReleasePhase {
    fn default() -> Self {
        Self {
            takes: Duration::from_secs(5),
            outcome: ReleaseOutcome::Succeeds,
        }
    }
}

impl App {
    /// The release that dynos started now would run: the newest that succeeded.
    pub(crate) fn current_release(&self) -> Option<&Release> {
        self.releases
            .iter()
            .rev()
            .find(|release| release.status == ReleaseStatus::Succeeded)
    }

    pub(crate) fn release(&self, version_or_id: &str) -> Option<&Release> {
        let version = version_or_id.trim_start_matches('v').parse::<u64>().ok();
        let id = version_or_id.parse::<Uuid>().ok();
        self.releases
            .iter()
            .find(|release| Some(release.version) == version || Some(release.id) == id)
    }

    /// Whether a release runs a command before it becomes current.
    pub(crate) fn has_release_phase(&self) -> bool {
        self.formation.contains_key("release")
    }

    pub(crate) fn dyno(&self, name_or_id: &str) -> Option<&Dyno> {
        let id = name_or_id.parse::<Uuid>().ok();
        self.dynos
            .iter()
            .find(|dyno| dyno.name == name_or_id || Some(dyno.id) == id)
    }

    /// Web dynos that answer.
    pub(crate) fn web_dynos_up(&self) -> usize {
        let up = |dyno: &&Dyno| dyno.process_type == "web" && dyno.state == DynoState::Up;
        self.dynos.iter().filter(up).count()
    }
}
