//! Going back: every step of the phase undone, last first.

use std::time::Duration;

use crate::runner::State;
use crate::{
    Control, Ending, Entry, ErrorKind, Event, PhaseOutcome, Runner, Status, Step, StepError,
    StepState,
};

/// How often an undo is tried. A failed undo means that a person must come, so it is patient.
const UNDO_TRIES: u32 = 6;
/// The first pause between two tries; it doubles each time.
const UNDO_PAUSE: Duration = Duration::from_secs(5);

impl<W: Send + Sync> Runner<'_, W> {
    /// Undoes every step that may have had an effect; ends the phase when all are undone.
    ///
    /// First what keeps the app down, last first. One undo of these that fails stops it. Then the
    /// undos that may wait: however long they take or fail, the app is up meanwhile.
    pub(crate) async fn unwind(
        &self,
        state: &mut State,
        failed_step: &str,
        error: StepError,
    ) -> Ending {
        self.sink.emit(Event::Unwinding {
            why: error.to_string(),
        });
        let mut left: Option<Ending> = None;
        for step in self.in_order_of_undo() {
            let has_effect = |id: &str| state.replay.status(id).may_have_effect();
            if !has_effect(step.id()) || step.undo_after().is_some_and(has_effect) {
                continue;
            }
            match self.undo_step(state, step).await {
                Ok(()) => {}
                Err(ending) if step.undo_may_wait() && waits(&ending) => {
                    left.get_or_insert(ending);
                }
                Err(ending) => return ending,
            }
        }
        if let Some(ending) = left {
            return ending;
        }
        let ended = Entry::PhaseEnded {
            outcome: PhaseOutcome::RolledBack,
        };
        if let Err(ending) = self.write(state, ended).await {
            return ending;
        }
        Ending::RolledBack {
            step: failed_step.to_owned(),
            error,
        }
    }

    /// What keeps the app down, last first; then what may wait, as it was done, but for what waits for
    /// another undo.
    fn in_order_of_undo(&self) -> Vec<&dyn Step<W>> {
        let steps = || self.plan.steps().iter().map(AsRef::as_ref);
        let at_once = steps().rev().filter(|step| !step.undo_may_wait());
        let later = || steps().filter(|step| step.undo_may_wait());
        at_once
            .chain(later().filter(|step| step.undo_after().is_none()))
            .chain(later().filter(|step| step.undo_after().is_some()))
            .collect()
    }

    async fn undo_step(&self, state: &mut State, step: &dyn Step<W>) -> Result<(), Ending> {
        if !matches!(state.replay.status(step.id()), Status::Undoing) {
            self.write(
                state,
                Entry::UndoIntent {
                    step: step.id().to_owned(),
                },
            )
            .await?;
        }
        let description = step.describe(self.world);
        self.sink.emit(Event::UndoStarted {
            step: step.id().to_owned(),
            what: description.what,
            how: description.undo,
        });
        let started = self.clock.now();
        let result = self.try_undo(state, step).await;
        let seconds = self.clock.now().duration_since(started).as_secs_f64();
        match result {
            Ok(()) => {
                self.write(
                    state,
                    Entry::Undone {
                        step: step.id().to_owned(),
                    },
                )
                .await?;
                state.outputs.remove(step.id());
                self.ended(step.id(), StepState::Undone, seconds, None);
                Ok(())
            }
            Err(error) => {
                self.ended(
                    step.id(),
                    StepState::UndoFailed,
                    seconds,
                    Some(error.to_string()),
                );
                Err(self.undo_failed(state, step, error).await)
            }
        }
    }

    async fn try_undo(&self, state: &State, step: &dyn Step<W>) -> Result<(), StepError> {
        let mut tries = 0;
        // Going back is already the way to stop. The wish stays in force where everybody sees it, so
        // that a second Ctrl-C ends the process; this undo alone does not hear of it.
        let unheard = Control::default();
        loop {
            tries += 1;
            let result = {
                let scope = self.scope_under(state, step.id(), &unheard);
                match step.undo(&scope).await {
                    Ok(()) if self.injection.undo_twice.hits(step.id()) => step.undo(&scope).await,
                    other => other,
                }
            };
            match result {
                Err(error) if error.kind.may_pass() && tries < UNDO_TRIES => {
                    self.clock.sleep(UNDO_PAUSE * 2_u32.pow(tries - 1)).await;
                }
                other => return other,
            }
        }
    }

    async fn undo_failed(&self, state: &mut State, step: &dyn Step<W>, error: StepError) -> Ending {
        let id = step.id().to_owned();
        let entry = Entry::UndoFailed {
            step: id.clone(),
            error: error.clone(),
        };
        if let Err(ending) = self.write(state, entry).await {
            return ending;
        }
        if error.kind == ErrorKind::NeedsLogin {
            return Ending::Paused { step: id, error };
        }
        let by_hand = step.by_hand(&self.scope(state, step.id()));
        Ending::Stuck {
            step: id,
            error,
            by_hand,
        }
    }
}

/// Whether the other undos can still be done: not without a login, nor without a journal.
fn waits(ending: &Ending) -> bool {
    matches!(ending, Ending::Stuck { .. })
}
