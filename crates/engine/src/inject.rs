//! Faults put in on purpose: what the sweeps over a plan are made of.

/// At which steps a fault strikes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Where {
    /// At none.
    #[default]
    Nowhere,
    /// At this one.
    Step(String),
    /// At every one.
    Everywhere,
}

impl Where {
    /// Whether the fault strikes at this step.
    pub fn hits(&self, step: &str) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Step(wanted) => wanted == step,
            Self::Everywhere => true,
        }
    }
}

/// Where a run is made to misbehave. The default injects nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Injection {
    /// Apply twice in a row.
    pub twice: Where,
    /// Fail before the effect.
    pub fail_before: Where,
    /// Fail after the effect, before its outcome is written.
    pub fail_after: Where,
    /// Undo twice in a row.
    pub undo_twice: Where,
}
