//! What happens, told to whoever shows or records it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConsentRequest, Effect};

/// The state of a step in a run, as events, reports and `--json` name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Not begun.
    Pending,
    /// Under way, or begun by a run that did not tell how it ended.
    Running,
    /// Done by this run or an earlier one.
    Done,
    /// Found done already.
    Skipped,
    /// Interrupted: the same command goes on with it.
    Paused,
    /// Failed.
    Failed,
    /// Undone.
    Undone,
    /// Its undo failed: a person is needed.
    UndoFailed,
}

/// How weighty a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something a person should look at.
    Warning,
    /// A person must act.
    Error,
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Why it is waiting, or what it is doing, as a fragment.
    pub message: String,
    /// Units done so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<u64>,
    /// Units in all; may be an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// What is counted: `rows`, `mappings`, `tables`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Seconds left at the recent rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_seconds: Option<u64>,
}

impl Progress {
    /// Progress without numbers.
    pub fn message(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }
}

/// A length of time that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Seconds at best.
    pub low: f64,
    /// Seconds at worst.
    pub high: f64,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// A phase begins or goes on.
    PhaseStarted {
        /// The phase: `prep`, `cutover`, …
        phase: String,
        /// The steps in order: id and what they do.
        steps: Vec<(String, String)>,
        /// Whether an earlier run began it.
        resumed: bool,
    },
    /// A step begins.
    StepStarted {
        /// Its id.
        step: String,
        /// Its place in the plan, from 1.
        number: usize,
        /// How many steps the plan has.
        of: usize,
        /// What it does.
        what: String,
        /// Its effect.
        effect: Effect,
    },
    /// A step tells how far it is. May be dropped by a slow reader.
    StepProgress {
        /// The step's id.
        step: String,
        /// How far it is.
        progress: Progress,
    },
    /// A step ended, one way or another.
    StepEnded {
        /// Its id.
        step: String,
        /// How it ended.
        state: StepState,
        /// How long it took.
        seconds: f64,
        /// What went wrong, where something did.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// Something a person should read.
    Notice {
        /// How weighty it is.
        level: Level,
        /// The text.
        text: String,
    },
    /// A consent is asked for.
    ConsentAsked {
        /// For what.
        request: ConsentRequest,
    },
    /// A consent was given or declined.
    ConsentAnswered {
        /// For which step.
        step: String,
        /// Whether it was given.
        given: bool,
    },
    /// The phase goes back.
    Unwinding {
        /// Why.
        why: String,
    },
    /// A step begins to be undone; [`Event::StepEnded`] tells how that ended.
    UndoStarted {
        /// Its id.
        step: String,
        /// What it had done.
        what: String,
        /// How it is undone.
        how: String,
    },
    /// The downtime window opened: from here users are turned away.
    WindowOpened {
        /// When.
        at: Timestamp,
        /// How long it is expected to be open, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<Expected>,
    },
    /// The downtime window closed.
    WindowClosed {
        /// When.
        at: Timestamp,
        /// How long it was open.
        seconds: f64,
    },
}

/// Receives events. Must not block for long.
pub trait Sink: Send + Sync {
    /// Takes one event.
    fn emit(&self, event: Event);
}
