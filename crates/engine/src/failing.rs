//! What a failure or an interruption leads to.

use crate::runner::{FORWARD_PAUSE, Halt, State};
use crate::{
    Choice, Effect, Ending, ErrorKind, Interruption, Observation, OnFailure, Runner, Step,
    StepError,
};

/// How often the world is asked whether a step without return took place.
const SETTLE_TRIES: u32 = 10;

impl<W: Send + Sync> Runner<'_, W> {
    /// What a failure leads to; `None` when the step turns out to be done.
    pub(crate) async fn after_failure(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        error: StepError,
    ) -> Halt<Option<Ending>> {
        let id = step.id().to_owned();
        if step.effect() == Effect::NoReturn && error.kind != ErrorKind::Declined {
            match self.settled(state, step).await {
                Ok(Observation::Done(output)) => {
                    self.found(state, step, output).await?;
                    return Ok(None);
                }
                Ok(_) => {}
                Err(error) => return Ok(Some(self.undecided(state, step, error))),
            }
        }
        if error.kind == ErrorKind::NeedsLogin {
            return Ok(Some(Ending::Paused { step: id, error }));
        }
        if self.goes_forward(state, step) {
            let by_hand = step.by_hand(&self.scope(state, step.id()));
            return Ok(Some(match error.kind {
                ErrorKind::Declined => Ending::Paused { step: id, error },
                _ => Ending::Stuck {
                    step: id,
                    error,
                    by_hand,
                },
            }));
        }
        let unwinds = self.policy(step) == OnFailure::Unwind || self.in_window(state);
        if unwinds && self.touched(state) {
            return Ok(Some(self.unwind(state, &id, error).await));
        }
        Ok(Some(match error.kind {
            ErrorKind::Blocked => Ending::Blocked { step: id, error },
            ErrorKind::Drifted => Ending::Drifted { step: id, error },
            ErrorKind::Declined => Ending::NoConsent {
                step: Some(id),
                missing: vec![error.message],
            },
            _ => Ending::Paused { step: id, error },
        }))
    }

    /// Asks the world whether a step without return took place, until it answers.
    pub(crate) async fn settled(
        &self,
        state: &State,
        step: &dyn Step<W>,
    ) -> Result<Observation, StepError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let seen = {
                let scope = self.scope(state, step.id());
                step.observe(&scope).await
            };
            match seen {
                Err(error) if error.kind.may_pass() && tries < SETTLE_TRIES => {
                    self.clock.sleep(FORWARD_PAUSE).await;
                }
                other => return other,
            }
        }
    }

    pub(crate) fn undecided(&self, state: &State, step: &dyn Step<W>, error: StepError) -> Ending {
        let step_id = step.id().to_owned();
        if error.kind == ErrorKind::NeedsLogin {
            return Ending::Paused {
                step: step_id,
                error,
            };
        }
        let by_hand = step.by_hand(&self.scope(state, step.id()));
        Ending::Stuck {
            step: step_id,
            error,
            by_hand,
        }
    }

    pub(crate) async fn interrupted(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        error: StepError,
    ) -> Option<Ending> {
        let paused = |error| {
            Some(Ending::Paused {
                step: step.id().to_owned(),
                error,
            })
        };
        // A plan without a way back, such as a rollback's, must not be unwound: its undos are none.
        let can_roll_back = !self.past_no_return(state) && self.touched(state);
        if self.control.interruption() != Interruption::Ask || !self.in_window(state) {
            return paused(error);
        }
        self.control.clear();
        let question = self.gate.interrupted(step.id(), can_roll_back);
        let choice = match self.unless_bound_reached(state, step, question).await {
            Ok(choice) => choice,
            Err(over) if can_roll_back => return Some(self.unwind(state, step.id(), over).await),
            Err(over) => return paused(over),
        };
        match choice {
            Choice::Continue => None,
            Choice::RollBack if can_roll_back => Some(self.unwind(state, step.id(), error).await),
            Choice::RollBack | Choice::Pause => paused(error),
        }
    }
}
