//! The window that is expected before it opens.

use serde::{Deserialize, Serialize};

use super::Phase;
use crate::words;

/// One phase as it is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The phase.
    pub phase: Phase,
    /// Seconds at best.
    pub low: f64,
    /// Seconds at worst.
    pub high: f64,
    /// What makes it long, and where the figures come from.
    pub why: String,
}

impl Expected {
    pub(super) fn new(phase: Phase, (low, high): (f64, f64), why: impl Into<String>) -> Self {
        Self {
            phase,
            low,
            high: high.max(low),
            why: why.into(),
        }
    }
}

/// The downtime expected before the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Seconds at best.
    pub low: f64,
    /// Seconds at worst.
    pub high: f64,
    /// Phase by phase, in the order in which they come.
    pub phases: Vec<Expected>,
}

impl Estimate {
    /// The whole of these phases.
    pub fn of(phases: Vec<Expected>) -> Self {
        Self {
            low: phases.iter().map(|phase| phase.low).sum(),
            high: phases.iter().map(|phase| phase.high).sum(),
            phases,
        }
    }

    /// What a phase was expected to take.
    pub fn phase(&self, phase: Phase) -> Option<&Expected> {
        self.phases.iter().find(|expected| expected.phase == phase)
    }

    /// The whole, as events tell it.
    pub fn range(&self) -> connect_swap_engine::Expected {
        connect_swap_engine::Expected {
            low: self.low,
            high: self.high,
        }
    }

    /// How long, and what it is mostly for.
    pub fn in_words(&self) -> String {
        let mut longest: Vec<&Expected> = self.phases.iter().collect();
        longest.sort_by(|a, b| b.high.total_cmp(&a.high));
        let longest = longest.iter().take(3).map(|expected| {
            let (words, high) = (expected.phase.words(), words::duration(expected.high));
            format!("{words} (up to {high})")
        });
        format!(
            "the window is expected to last {}; most of it may be {}",
            words::range(self.low, self.high),
            longest.collect::<Vec<_>>().join(", ")
        )
    }

    /// Seconds that are still to come at best until users are served again, in and after a phase
    /// that has gone on for so long.
    pub fn to_come(&self, phase: Phase, gone: f64) -> f64 {
        let left = |expected: &Expected| match expected.phase.cmp(&phase) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => (expected.low - gone).max(0.0),
            std::cmp::Ordering::Greater => expected.low,
        };
        self.phases.iter().map(left).sum()
    }

    /// Seconds that the phases after this one take at worst.
    pub fn longest_after(&self, phase: Phase) -> f64 {
        let after = self.phases.iter().filter(|expected| expected.phase > phase);
        after.map(|expected| expected.high).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_counts_the_phase_at_hand_and_those_after_it() {
        let estimate = Estimate::of(vec![
            Expected::new(Phase::Drain, (5.0, 60.0), ""),
            Expected::new(Phase::Pause, (10.0, 120.0), ""),
            Expected::new(Phase::Boot, (20.0, 2.0), ""),
        ]);
        assert_eq!((estimate.low, estimate.high), (35.0, 200.0));
        assert_eq!(estimate.to_come(Phase::Drain, 0.0), 35.0);
        assert_eq!(estimate.to_come(Phase::Pause, 4.0), 26.0);
        assert_eq!(estimate.to_come(Phase::Pause, 90.0), 20.0);
        assert_eq!(estimate.to_come(Phase::Rows, 0.0), 20.0);
        assert_eq!(estimate.longest_after(Phase::Polls), 140.0);
    }
}
