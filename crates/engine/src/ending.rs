//! How a run of a plan ends, and what is reported of each step.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{StepError, StepState};

/// How a run of a plan ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "kebab-case")]
pub enum Ending {
    /// Every step is done.
    Done,
    /// Stopped at a step; the same command goes on.
    Paused {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// A finding blocks the way and nothing was changed.
    Blocked {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// A consent is missing or was declined.
    NoConsent {
        /// The step, where one had been reached.
        step: Option<String>,
        /// The flags that would have given it, or why it was declined.
        missing: Vec<String>,
    },
    /// The world is not as an earlier run left it.
    Drifted {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// Every step was undone.
    RolledBack {
        /// The step that failed.
        step: String,
        /// Why.
        error: StepError,
    },
    /// A person is needed.
    Stuck {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
        /// What to type.
        by_hand: Vec<String>,
    },
    /// The journal could not be read, written or believed.
    Journal {
        /// Why.
        error: StepError,
        /// In the window: what to type so that users are let in again without this tool.
        by_hand: Vec<String>,
    },
}

/// One step, for a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: StepState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How long it took.
    pub seconds: Option<f64>,
}
