//! What the preflight saw.

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The swap cannot go on until it is mended or, where that is allowed, acknowledged.
    Block,
    /// Something a person should look at.
    Warn,
    /// Good to know.
    Info,
}

/// One thing the preflight saw: what, why it matters, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A name that never changes.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What was seen, one line each.
    pub seen: Vec<String>,
    /// Why it matters.
    pub why: String,
    /// What to do, one line each.
    pub todo: Vec<String>,
    /// Whether the operator accepted it with `--ack`.
    pub acknowledged: bool,
}

impl Finding {
    /// A finding with a title; the rest is added by the builder methods.
    pub fn new(code: &str, severity: Severity, title: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            title: title.into(),
            seen: Vec::new(),
            why: String::new(),
            todo: Vec::new(),
            acknowledged: false,
        }
    }

    /// What was seen, one line each.
    #[must_use]
    pub fn seen(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.seen.extend(lines.into_iter().map(Into::into));
        self
    }

    /// Why it matters.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Adds a line of advice.
    #[must_use]
    pub fn todo(mut self, line: impl Into<String>) -> Self {
        self.todo.push(line.into());
        self
    }

    /// Whether it stands in the way.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Block && !self.acknowledged
    }
}

/// Marks the findings the operator accepted with `--ack CODE`.
pub fn acknowledge(findings: &mut [Finding], acks: &[String]) {
    for finding in findings {
        finding.acknowledged = acks.contains(&finding.code);
    }
}
