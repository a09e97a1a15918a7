//! The state of a phase, derived from its journal and from nothing else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::{Entry, ErrorKind, NewRecord, Outputs, PhaseOutcome, Record, StepError, StepState};

/// A journal that could not have been written by this tool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// An entry that cannot follow what stands before it.
    #[error("journal entry {seq} of phase {phase} cannot follow what stands before it: {why}")]
    Illegal {
        /// The entry's place.
        seq: i64,
        /// The phase.
        phase: String,
        /// What is wrong.
        why: String,
    },
}

/// Where one step stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// Nothing is written of it.
    Untouched,
    /// Its intent is written, its outcome is not known.
    Started,
    /// It had its effect.
    Applied(Value),
    /// It failed; whether it had an effect is not known.
    Failed(StepError),
    /// Its undo was begun.
    Undoing,
    /// It was undone.
    Undone,
    /// Its undo failed.
    UndoFailed(StepError),
}

impl Status {
    /// Whether the step may have an effect on the world that an unwinding must take back.
    pub fn may_have_effect(&self) -> bool {
        !matches!(self, Self::Untouched | Self::Undone)
    }

    /// How events and reports name this status.
    pub fn state(&self) -> StepState {
        match self {
            Self::Untouched => StepState::Pending,
            Self::Started | Self::Undoing => StepState::Running,
            Self::Applied(_) => StepState::Done,
            Self::Failed(error) if error.kind == ErrorKind::Interrupted => StepState::Paused,
            Self::Failed(_) => StepState::Failed,
            Self::Undone => StepState::Undone,
            Self::UndoFailed(_) => StepState::UndoFailed,
        }
    }
}

/// Where a phase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseState {
    /// Never begun.
    NotStarted,
    /// Begun and not ended.
    Open,
    /// Ended.
    Ended(PhaseOutcome),
}

/// When a step began and ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Times {
    /// The first intent.
    pub started_at: Option<Timestamp>,
    /// The last outcome.
    pub finished_at: Option<Timestamp>,
}

/// One attempt at a phase, as its journal tells it.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The phase.
    pub phase: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// Whether it is begun and ended.
    pub state: PhaseState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Step ids of the plan it was begun with.
    pub steps: Vec<String>,
    statuses: BTreeMap<String, Status>,
    begun: BTreeSet<String>,
    times: BTreeMap<String, Times>,
}

impl Replay {
    /// The latest attempt at a phase; attempt 1, not started, where there is none.
    ///
    /// # Errors
    /// When an entry cannot follow what stands before it.
    pub fn latest(records: &[Record], phase: &str) -> Result<Self, ReplayError> {
        let of_phase = || records.iter().filter(|record| record.record.phase == phase);
        let attempt = of_phase()
            .map(|record| record.record.attempt)
            .max()
            .unwrap_or(1);
        let mut replay = Self::fresh(phase, attempt);
        for record in of_phase().filter(|record| record.record.attempt == attempt) {
            replay.take(record)?;
        }
        Ok(replay)
    }

    /// An attempt of which nothing is written yet.
    pub fn fresh(phase: &str, attempt: u32) -> Self {
        Self {
            phase: phase.to_owned(),
            attempt,
            state: PhaseState::NotStarted,
            started_at: None,
            steps: Vec::new(),
            statuses: BTreeMap::new(),
            begun: BTreeSet::new(),
            times: BTreeMap::new(),
        }
    }

    /// What steps left behind: of this attempt at its own phase, and of the latest attempt at every
    /// other one; those of undone steps left out.
    pub fn outputs(&self, records: &[Record]) -> Outputs {
        let mut latest: BTreeMap<&str, u32> = BTreeMap::new();
        for record in records {
            let attempt = latest.entry(record.record.phase.as_str()).or_default();
            *attempt = (*attempt).max(record.record.attempt);
        }
        latest.insert(&self.phase, self.attempt);
        let mut outputs = Outputs::default();
        let of_latest = |record: &&Record| {
            latest.get(record.record.phase.as_str()) == Some(&record.record.attempt)
        };
        for record in records.iter().filter(of_latest) {
            match &record.record.entry {
                Entry::Applied { step, output, .. } => outputs.put(step, output.clone()),
                Entry::Undone { step } => outputs.remove(step),
                _ => {}
            }
        }
        outputs
    }

    /// Where a step stands.
    pub fn status(&self, step: &str) -> &Status {
        self.statuses.get(step).unwrap_or(&Status::Untouched)
    }

    /// The steps of which an intent is written: each may have had its effect, however it stands now.
    pub fn begun(&self) -> &BTreeSet<String> {
        &self.begun
    }

    /// When a step began and ended.
    pub fn times(&self, step: &str) -> Times {
        self.times.get(step).copied().unwrap_or_default()
    }

    /// Whether an unwinding was begun and has not ended.
    pub fn is_unwinding(&self) -> bool {
        self.state == PhaseState::Open
            && self.statuses.values().any(|status| {
                matches!(
                    status,
                    Status::Undoing | Status::Undone | Status::UndoFailed(_)
                )
            })
    }

    /// Takes one more entry of this attempt, as if it had been read from the journal.
    pub(crate) fn follow(&mut self, record: NewRecord) -> Result<(), ReplayError> {
        self.take(&Record { seq: 0, record })
    }

    fn take(&mut self, record: &Record) -> Result<(), ReplayError> {
        let at = record.record.at;
        if let PhaseState::Ended(_) = self.state
            && !matches!(record.record.entry, Entry::Note { .. })
        {
            return Err(self.illegal(record, "the phase had ended".to_owned()));
        }
        match &record.record.entry {
            Entry::PhaseStarted { steps, .. } => {
                self.state = PhaseState::Open;
                self.started_at.get_or_insert(at);
                self.steps.clone_from(steps);
                return Ok(());
            }
            Entry::Note { .. } => return Ok(()),
            _ if self.state != PhaseState::Open => {
                return Err(self.illegal(record, "the phase had not begun".to_owned()));
            }
            Entry::PhaseEnded { outcome } => {
                self.state = PhaseState::Ended(*outcome);
                return Ok(());
            }
            Entry::Consent { .. } => return Ok(()),
            _ => {}
        }
        self.take_step(record)
    }

    fn take_step(&mut self, record: &Record) -> Result<(), ReplayError> {
        use Status::{Applied, Failed, Started, Undoing, Undone, Untouched};
        let (step, next) = match &record.record.entry {
            Entry::Intent { step } => (step, Started),
            Entry::Applied { step, output, .. } => (step, Applied(output.clone())),
            Entry::Failed { step, error } => (step, Failed(error.clone())),
            Entry::UndoIntent { step } => (step, Undoing),
            Entry::Undone { step } => (step, Undone),
            Entry::UndoFailed { step, error } => (step, Status::UndoFailed(error.clone())),
            Entry::PhaseStarted { .. }
            | Entry::Consent { .. }
            | Entry::PhaseEnded { .. }
            | Entry::Note { .. } => return Ok(()),
        };
        let found = matches!(record.record.entry, Entry::Applied { found: true, .. });
        let present = self.status(step);
        let legal = match (&next, present) {
            (Started, Undoing | Undone | Status::UndoFailed(_)) => false,
            (Started | Failed(_), _) => true,
            (Applied(_), Started) => true,
            (Applied(_), Untouched | Failed(_)) => found,
            (Applied(_), _) => false,
            (Undoing, Untouched | Undone) => false,
            (Undoing, _) => true,
            (Undone | Status::UndoFailed(_), Undoing) => true,
            (Undone | Status::UndoFailed(_) | Untouched, _) => false,
        };
        if !legal {
            let why = format!("step {step} was {:?}", present.state());
            return Err(self.illegal(record, why));
        }
        let times = self.times.entry(step.clone()).or_default();
        match next {
            Started => {
                self.begun.insert(step.clone());
                times.started_at.get_or_insert(record.record.at);
            }
            Applied(_) | Failed(_) | Undone => {
                times.started_at.get_or_insert(record.record.at);
                times.finished_at = Some(record.record.at);
            }
            _ => {}
        }
        self.statuses.insert(step.clone(), next);
        Ok(())
    }

    fn illegal(&self, record: &Record, why: String) -> ReplayError {
        ReplayError::Illegal {
            seq: record.seq,
            phase: self.phase.clone(),
            why,
        }
    }
}
