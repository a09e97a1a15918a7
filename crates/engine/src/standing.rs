//! Where a run stands: in the window, past the point of no return, on its way back.

use crate::runner::State;
use crate::{Effect, OnFailure, Runner, Status, Step, StepError};

impl<W: Send + Sync> Runner<'_, W> {
    /// Whether users may be turned away: from the first step of the window to the one that closes it.
    pub(crate) fn in_window(&self, state: &State) -> bool {
        let steps = || self.plan.steps().iter();
        let closed = steps().any(|step| {
            step.closes_window() && matches!(state.replay.status(step.id()), Status::Applied(_))
        });
        let opened = steps().any(|step| {
            step.effect() == Effect::Downtime && state.replay.status(step.id()).may_have_effect()
        });
        opened && !closed
    }

    /// Whether a step that a failure leads back from may have had an effect. What was made before
    /// the window stays: it is wanted by the next attempt too.
    pub(crate) fn touched(&self, state: &State) -> bool {
        let mut undoable = self
            .plan
            .steps()
            .iter()
            .filter(|step| undoable(step.as_ref()));
        undoable.any(|step| state.replay.status(step.id()).may_have_effect())
    }

    /// Whether this plan has a way back at all; one without must never begin to unwind.
    pub(crate) fn can_unwind(&self) -> bool {
        self.plan.steps().iter().any(|step| undoable(step.as_ref()))
    }

    pub(crate) fn past_no_return(&self, state: &State) -> bool {
        self.plan.steps().iter().any(|step| {
            step.effect() == Effect::NoReturn
                && matches!(state.replay.status(step.id()), Status::Applied(_))
        })
    }

    pub(crate) fn goes_forward(&self, state: &State, step: &dyn Step<W>) -> bool {
        self.past_no_return(state) || self.policy(step) == OnFailure::Forward
    }

    pub(crate) fn policy(&self, step: &dyn Step<W>) -> OnFailure {
        step.on_failure()
    }

    /// What a person types where this run can write no journal and so do nothing more in the window:
    /// what takes back the steps that may have had an effect, last first; where there is no way back,
    /// what is left to do, in order.
    pub(crate) fn by_hand(&self, state: &State) -> Vec<String> {
        if !self.in_window(state) {
            return Vec::new();
        }
        let status = |step: &dyn Step<W>| state.replay.status(step.id());
        let steps = self.plan.steps().iter().map(AsRef::as_ref);
        let steps: Vec<&dyn Step<W>> = if self.past_no_return(state) || !self.can_unwind() {
            let left = steps.filter(|step| step.on_failure() == OnFailure::Forward);
            left.filter(|step| !matches!(status(*step), Status::Applied(_)))
                .collect()
        } else {
            let touched = steps.filter(|step| undoable(*step) && status(*step).may_have_effect());
            touched.rev().collect()
        };
        let mut lines: Vec<String> = Vec::new();
        for line in steps
            .into_iter()
            .flat_map(|step| step.by_hand(&self.scope(state, step.id())))
        {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    pub(crate) fn first_failure(&self, state: &State) -> (String, StepError) {
        let unknown = || {
            (
                String::new(),
                StepError::failed("an earlier run began to go back"),
            )
        };
        let failed =
            self.plan
                .steps()
                .iter()
                .find_map(|step| match state.replay.status(step.id()) {
                    Status::UndoFailed(error) => Some((step.id().to_owned(), error.clone())),
                    _ => None,
                });
        failed.unwrap_or_else(unknown)
    }
}

fn undoable<W: Send + Sync>(step: &dyn Step<W>) -> bool {
    step.effect() != Effect::Read && step.on_failure() == OnFailure::Unwind
}
