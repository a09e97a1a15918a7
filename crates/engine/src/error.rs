//! Why a step could not do its work.

use serde::{Deserialize, Serialize};

/// What kind of failure it is; decides the ending of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// Anything that went wrong; the step's policy decides.
    Failed,
    /// A session with a database was lost, or could not be opened: a later one may do better.
    Lost,
    /// A wait reached its bound. Waiting as long once more at once would not help: it is not repeated.
    TimedOut,
    /// A finding blocks the way; nothing was changed by this step.
    Blocked,
    /// The world is not as the run left it; a person must decide.
    Drifted,
    /// The token is no longer accepted: only a person can log in again.
    NeedsLogin,
    /// A person, or the end of the process, asked to pause.
    Interrupted,
    /// What was copied is not what was there.
    Mismatch,
    /// A consent is missing or was declined.
    Declined,
    /// The journal holds what no version of this tool has written: nothing can be derived from it.
    Unbelievable,
}

impl ErrorKind {
    /// Whether a later try may do better.
    pub(crate) fn may_pass(self) -> bool {
        matches!(self, Self::Failed | Self::Lost)
    }
}

/// A failure that survives the journal: message, causes and advice as text, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What failed, as one sentence.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What a person can do, one line each.
    pub hints: Vec<String>,
}

impl StepError {
    /// An error of the given kind with a message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// An ordinary failure.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, message)
    }

    /// The world is not as the run left it.
    pub fn drifted(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Drifted, message)
    }

    /// A finding blocks the way.
    pub fn blocked(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Blocked, message)
    }

    /// A journal that cannot be believed.
    pub fn unbelievable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unbelievable, message).hint(
            "the journal must not be edited: put back what was changed in it, then run the same \
             command",
        )
    }

    /// Adds the cause and its own sources.
    #[must_use]
    pub fn because(mut self, cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// Adds a line of advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl std::fmt::Display for StepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StepError {}
