//! A bound that the domain puts on a run as a whole, beside the one of each wait.

use async_trait::async_trait;

use crate::{Scope, StepError};

/// When a bound is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A step is about to be begun.
    BeforeStep,
    /// A step under way is waiting.
    WithinStep,
}

/// A bound on a run: what it refuses counts as a failure of the step at hand.
///
/// The runner looks before each step, at every pause of a wait and again and again while a question
/// stands, up to the point of no return and never on the way back: so no step has to think of it.
#[async_trait]
pub trait Bound<W: Send + Sync>: Send + Sync {
    /// Fails when the bound is reached.
    async fn check(&self, scope: &Scope<'_, W>, moment: Moment) -> Result<(), StepError>;
}
