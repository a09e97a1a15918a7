//! An ordered list of steps.

use std::collections::BTreeSet;

use crate::Step;

/// A plan that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two steps share an id.
    #[error("two steps of the plan are called {0}")]
    Duplicate(String),
}

/// The steps of one phase, in order.
pub struct Plan<W: Send + Sync> {
    phase: &'static str,
    steps: Vec<Box<dyn Step<W>>>,
}

impl<W: Send + Sync> Plan<W> {
    /// A plan of these steps.
    ///
    /// # Errors
    /// When two steps share an id.
    pub fn new(phase: &'static str, steps: Vec<Box<dyn Step<W>>>) -> Result<Self, PlanError> {
        let mut seen = BTreeSet::new();
        for step in &steps {
            if !seen.insert(step.id()) {
                return Err(PlanError::Duplicate(step.id().to_owned()));
            }
        }
        Ok(Self { phase, steps })
    }

    /// The phase's name: `prep`, `cutover`, …
    pub fn phase(&self) -> &'static str {
        self.phase
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Box<dyn Step<W>>] {
        &self.steps
    }

    /// The ids in order.
    pub fn ids(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.id().to_owned()).collect()
    }
}
