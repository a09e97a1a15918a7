//! The journal: an append-only log in which intent and outcome stand before and after each effect.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Answer, StepError};

/// How a phase ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseOutcome {
    /// Every step is done.
    Done,
    /// Every step was undone.
    RolledBack,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// A phase begins, or an operator takes it up again.
    PhaseStarted {
        /// Step ids in order.
        steps: Vec<String>,
        /// Who, where, with which version: for the reader, never for decisions.
        by: Value,
    },
    /// A consent was given or declined.
    Consent {
        /// The step.
        step: String,
        /// The answer.
        answer: Answer,
    },
    /// A step is about to have its effect.
    Intent {
        /// The step.
        step: String,
    },
    /// A step had its effect, or was found to have it.
    Applied {
        /// The step.
        step: String,
        /// What later steps need of it.
        output: Value,
        /// Whether it was found done rather than done now.
        found: bool,
    },
    /// A step failed.
    Failed {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// A step is about to be undone.
    UndoIntent {
        /// The step.
        step: String,
    },
    /// A step was undone.
    Undone {
        /// The step.
        step: String,
    },
    /// An undo failed after all tries.
    UndoFailed {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// The phase ended.
    PhaseEnded {
        /// How.
        outcome: PhaseOutcome,
    },
    /// Something for the reader: never used for decisions.
    Note {
        /// The text.
        text: String,
    },
}

/// An entry on its way into the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewRecord {
    /// The phase: `prep`, `cutover`, `rollback`, `cleanup`.
    pub phase: String,
    /// Which attempt at the phase, from 1.
    pub attempt: u32,
    /// By the operator's clock; stored, shown, never used for correctness.
    pub at: Timestamp,
    /// What happened.
    pub entry: Entry,
}

/// An entry in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its place in the log.
    pub seq: i64,
    /// What was written.
    pub record: NewRecord,
}

/// The journal could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct JournalError {
    /// What failed.
    pub message: String,
    /// Why.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Where entries are kept. `append` returns only once the entry is durable.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Writes one entry durably.
    async fn append(&self, record: NewRecord) -> Result<(), JournalError>;

    /// All entries of the run, oldest first.
    async fn records(&self) -> Result<Vec<Record>, JournalError>;
}
