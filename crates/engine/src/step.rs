//! The contract of a step.

use async_trait::async_trait;
use serde_json::Value;

use crate::{Description, Effect, OnFailure, Scope, StepError};

/// What a step sees when it looks at the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// Its effect is there already; the output is what `apply` would have returned.
    Done(Value),
    /// Not yet done, and nothing stands in the way.
    Ready,
    /// It was done by this run, and someone has taken it back or changed it since.
    Drifted(String),
}

/// One step of a plan.
///
/// A step is a value without state of its own: it learns everything from the [`Scope`] and keeps
/// what later steps need in its output. `observe` asks the world, never the journal alone.
/// `apply` and `undo` must be safe to run again after a crash at any point: the runner repeats
/// them. They touch the world only through the scope.
#[async_trait]
pub trait Step<W: Send + Sync>: Send + Sync {
    /// A kebab-case name that never changes: it stands in journals.
    fn id(&self) -> &'static str;

    /// What kind of effect it has.
    fn effect(&self) -> Effect;

    /// What to do when it fails.
    fn on_failure(&self) -> OnFailure;

    /// What it will do, in words.
    fn describe(&self, world: &W) -> Description;

    /// Looks at the world: already done? may it start?
    async fn observe(&self, scope: &Scope<'_, W>) -> Result<Observation, StepError>;

    /// Looks once more when consent is given, before the intent is written: a person may have thought
    /// about it for an hour. What fails here has had no effect.
    async fn recheck(&self, _scope: &Scope<'_, W>) -> Result<(), StepError> {
        Ok(())
    }

    /// Has the effect; returns what later steps need.
    async fn apply(&self, scope: &Scope<'_, W>) -> Result<Value, StepError>;

    /// Proves the effect by asking the world again.
    async fn verify(&self, _scope: &Scope<'_, W>) -> Result<(), StepError> {
        Ok(())
    }

    /// Takes the effect back. Called also when it is unknown whether the effect took place.
    ///
    /// A step that only reads has nothing to take back; every other one must say how.
    async fn undo(&self, _scope: &Scope<'_, W>) -> Result<(), StepError> {
        if self.effect() == Effect::Read {
            return Ok(());
        }
        Err(StepError::failed(format!(
            "step {} cannot be undone by this tool",
            self.id()
        )))
    }

    /// Whether the app can be up without this step's undo: then it comes after all others, and going
    /// back goes on when it has failed.
    ///
    /// The phase then ends as stuck all the same, and the next run tries this undo again.
    fn undo_may_wait(&self) -> bool {
        false
    }

    /// Another step whose undo must have been done before this step's: while that step has its effect,
    /// this one keeps its own. Of steps alone whose undo may wait.
    fn undo_after(&self) -> Option<&'static str> {
        None
    }

    /// Whether users are no longer turned away once this step has had its effect.
    fn closes_window(&self) -> bool {
        false
    }

    /// The exact commands with which a person does by hand what `undo` (or, past the point of no
    /// return, `apply`) could not.
    fn by_hand(&self, _scope: &Scope<'_, W>) -> Vec<String> {
        Vec::new()
    }
}
