//! What came of the runs, for people.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// On the new pair, the old one kept.
    Swapped,
    /// On the new pair, the old one destroyed.
    SwappedAndCleaned,
    /// On the old pair, without a trace.
    Back,
    /// A person is needed, and knows what for.
    Stuck,
    /// Anything else.
    Wrong,
}

/// One run.
pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) outcome: Outcome,
    /// What went wrong, by kind.
    pub(crate) struck: Vec<&'static str>,
    pub(crate) commands: Vec<String>,
    pub(crate) acknowledged: usize,
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    /// Seconds in which users were turned away, in all.
    pub(crate) window: f64,
    /// What the last command has told.
    pub(crate) heard: String,
    pub(crate) complaints: Vec<String>,
}

impl Display for Run {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let faults = self.struck.join(", ");
        write!(
            f,
            "seed {}: {:?} after {} commands, {} writes; {faults}",
            self.seed,
            self.outcome,
            self.commands.len(),
            self.acknowledged
        )?;
        if !self.complaints.is_empty() {
            for line in &self.commands {
                write!(f, "\n    {line}")?;
            }
            for complaint in &self.complaints {
                write!(f, "\n    WRONG: {complaint}")?;
            }
            for line in self.heard.lines() {
                write!(f, "\n      | {line}")?;
            }
        }
        Ok(())
    }
}

/// All runs.
#[derive(Default)]
pub(crate) struct Report {
    runs: Vec<Run>,
    pub(crate) took: Duration,
}

impl Report {
    pub(crate) fn add(&mut self, runs: Vec<Run>) {
        self.runs.extend(runs);
    }

    /// Whether no run was wrong, and there were some.
    pub(crate) fn is_clean(&self) -> bool {
        !self.runs.is_empty()
            && self
                .runs
                .iter()
                .all(|run| run.complaints.is_empty() && run.outcome != Outcome::Wrong)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let sum = |figure: fn(&Run) -> usize| self.runs.iter().map(figure).sum::<usize>();
        let mut outcomes = BTreeMap::<String, usize>::new();
        let mut faults = BTreeMap::<&str, usize>::new();
        for run in &self.runs {
            *outcomes.entry(format!("{:?}", run.outcome)).or_default() += 1;
            for kind in &run.struck {
                *faults.entry(kind).or_default() += 1;
            }
        }
        let worst = self
            .runs
            .iter()
            .max_by(|one, other| one.window.total_cmp(&other.window));
        writeln!(f, "{} runs in {} s", self.runs.len(), self.took.as_secs())?;
        writeln!(
            f,
            "writes acknowledged {}, lost {}, doubled {}",
            sum(|run| run.acknowledged),
            sum(|run| run.lost),
            sum(|run| run.doubled)
        )?;
        for (outcome, count) in outcomes {
            writeln!(f, "  {outcome:<18} {count}")?;
        }
        writeln!(f, "faults {}", sum(|run| run.struck.len()))?;
        for (kind, count) in faults {
            writeln!(f, "  {kind:<36} {count}")?;
        }
        if let Some(worst) = worst {
            writeln!(
                f,
                "longest downtime {:.0} s, seed {}",
                worst.window, worst.seed
            )?;
        }
        let wrong: Vec<String> = self
            .runs
            .iter()
            .filter(|run| run.outcome == Outcome::Wrong)
            .map(|run| run.seed.to_string())
            .collect();
        if !wrong.is_empty() {
            writeln!(f, "WRONG with seeds {}", wrong.join(", "))?;
        }
        Ok(())
    }
}
