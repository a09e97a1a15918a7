//! The document every command ends with: the same for a person, `--json` and `--events`.

use connect_swap_engine::{Ending, ErrorKind, StepError, StepReport};
use serde::Serialize;
use serde_json::Value;

use crate::downtime::{Estimate, Took};
use crate::exit::ExitCode;
use crate::finding::Finding;

/// A piece of a command's result, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section {
    /// A title.
    Heading(String),
    /// Names and values.
    Pairs(Vec<(String, String)>),
    /// A table.
    Table {
        /// Column titles.
        headers: Vec<String>,
        /// Rows, as wide as the titles.
        rows: Vec<Vec<String>>,
    },
    /// Plain lines.
    Lines(Vec<String>),
}

/// What went wrong, for a person at night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What failed.
    pub message: String,
    /// Why, outermost first; Heroku's own words and request id among them.
    pub causes: Vec<String>,
    /// What state the app is in now.
    pub app_state: String,
    /// What to do, one line each.
    pub hints: Vec<String>,
    /// Exact commands for a person, where the tool cannot go on by itself.
    pub by_hand: Vec<String>,
}

/// The result of a command.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The command.
    pub command: String,
    /// The app.
    pub app: String,
    /// The swap's id, where there is one.
    pub run: Option<String>,
    /// One word for where the swap stands.
    pub state: String,
    /// What the preflight saw.
    pub findings: Vec<Finding>,
    /// The steps of the command's plan.
    pub steps: Vec<StepReport>,
    /// The next command line.
    pub next: String,
    /// How long users were turned away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime_seconds: Option<f64>,
    /// The same by phase.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub downtime_phases: Vec<Took>,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime_estimate: Option<Estimate>,
    /// What was proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Value>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
    /// What belongs to this command only.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub details: Value,
    /// The exit code.
    #[serde(skip)]
    pub exit: ExitCode,
    /// The result for a person.
    #[serde(skip)]
    pub text: Vec<Section>,
}

impl Report {
    /// A report of a command that has not come to anything yet.
    pub fn new(command: &str, app: &str) -> Self {
        Self {
            command: command.to_owned(),
            app: app.to_owned(),
            run: None,
            state: "none".to_owned(),
            findings: Vec::new(),
            steps: Vec::new(),
            next: String::new(),
            downtime_seconds: None,
            downtime_phases: Vec::new(),
            downtime_estimate: None,
            verification: None,
            error: None,
            details: Value::Null,
            exit: ExitCode::Ok,
            text: Vec::new(),
        }
    }

    /// Ends the report with an error.
    #[must_use]
    pub fn failed(mut self, exit: ExitCode, error: &StepError, app_state: &str) -> Self {
        self.exit = exit;
        self.error = Some(Problem {
            message: error.message.clone(),
            causes: error.causes.clone(),
            app_state: app_state.to_owned(),
            hints: error.hints.clone(),
            by_hand: Vec::new(),
        });
        self
    }
}

/// The exit code of an error outside a plan.
pub(crate) fn exit_of_error(error: &StepError) -> ExitCode {
    match error.kind {
        ErrorKind::Failed | ErrorKind::Lost | ErrorKind::TimedOut => ExitCode::Unexpected,
        ErrorKind::Blocked => ExitCode::Blocked,
        ErrorKind::Drifted => ExitCode::Drifted,
        ErrorKind::NeedsLogin | ErrorKind::Interrupted => ExitCode::Paused,
        ErrorKind::Mismatch => ExitCode::Mismatch,
        ErrorKind::Declined => ExitCode::NoConsent,
        ErrorKind::Unbelievable => ExitCode::Stuck,
    }
}

/// The exit code of the ending of a plan.
pub(crate) fn exit_of_ending(ending: &Ending) -> ExitCode {
    match ending {
        Ending::Done => ExitCode::Ok,
        // The same again finds the same difference: not what `Paused` promises.
        Ending::Paused { error, .. } if error.kind == ErrorKind::Mismatch => ExitCode::Mismatch,
        Ending::Paused { .. } => ExitCode::Paused,
        Ending::Blocked { .. } => ExitCode::Blocked,
        Ending::NoConsent { .. } => ExitCode::NoConsent,
        Ending::Drifted { .. } => ExitCode::Drifted,
        Ending::RolledBack { .. } => ExitCode::RolledBack,
        Ending::Stuck { .. } | Ending::Journal { .. } => ExitCode::Stuck,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_no_pause_and_where_all_was_undone_it_is_a_way_back() {
        let (step, error) = (
            "prove-rows".to_owned(),
            StepError::new(ErrorKind::Mismatch, "they differ"),
        );
        let paused = Ending::Paused {
            step: step.clone(),
            error: error.clone(),
        };
        assert_eq!(exit_of_ending(&paused), ExitCode::Mismatch);
        let back = Ending::RolledBack { step, error };
        assert_eq!(exit_of_ending(&back), ExitCode::RolledBack);
    }
}
