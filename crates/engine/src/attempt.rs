//! One step, once: observe, ask, intent, apply, verify, outcome.

use jiff::Timestamp;
use serde_json::Value;

use crate::runner::{Halt, State};
use crate::{Entry, Event, Moment, Observation, Runner, Status, Step, StepError, StepState};

impl<W: Send + Sync> Runner<'_, W> {
    /// Observes, asks, applies and verifies one step once.
    pub(crate) async fn attempt(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        index: usize,
        started: &mut Timestamp,
    ) -> Halt<Result<StepState, StepError>> {
        let description = step.describe(self.world);
        self.sink.emit(Event::StepStarted {
            step: step.id().to_owned(),
            number: index + 1,
            of: self.plan.steps().len(),
            what: description.what.clone(),
            effect: step.effect(),
        });
        let observation = {
            let scope = self.scope(state, step.id());
            self.through_losses(state, &scope, || step.observe(&scope))
                .await?
        };
        match observation {
            Err(error) => {
                self.write(state, failed(step, &error)).await?;
                return Ok(Err(error));
            }
            Ok(Observation::Drifted(why)) => {
                let error = StepError::drifted(why);
                self.write(state, failed(step, &error)).await?;
                return Ok(Err(error));
            }
            Ok(Observation::Done(output)) => {
                self.found(state, step, output).await?;
                return Ok(Ok(StepState::Skipped));
            }
            Ok(Observation::Ready) => {}
        }
        // Before the question, so that nobody is asked for what cannot be; and after it, since a
        // person may have thought about it for long.
        let bounded = {
            let scope = self.scope(state, step.id());
            scope.check_bound(Moment::BeforeStep).await
        };
        if let Err(error) = bounded {
            return self.not_begun(state, step, error).await;
        }
        if let Err(error) = self.consent(state, step, index).await? {
            return Ok(Err(error));
        }
        let rechecked = {
            let scope = self.scope(state, step.id());
            match scope.check_bound(Moment::BeforeStep).await {
                Ok(()) => {
                    self.through_losses(state, &scope, || step.recheck(&scope))
                        .await?
                }
                over => over,
            }
        };
        if let Err(error) = rechecked {
            return self.not_begun(state, step, error).await;
        }
        // A person's time at the prompt is not the step's.
        *started = self.clock.now();
        self.write(
            state,
            Entry::Intent {
                step: step.id().to_owned(),
            },
        )
        .await?;
        match self.apply(state, step).await? {
            Ok(output) => {
                state.outputs.put(step.id(), output.clone());
                let applied = Entry::Applied {
                    step: step.id().to_owned(),
                    output,
                    found: false,
                };
                self.write(state, applied).await?;
                Ok(Ok(StepState::Done))
            }
            Err(error) => {
                self.write(state, failed(step, &error)).await?;
                Ok(Err(error))
            }
        }
    }

    /// Not as failed: what was not begun is not to be undone.
    async fn not_begun(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        error: StepError,
    ) -> Halt<Result<StepState, StepError>> {
        let text = format!("step {} was not begun: {error}", step.id());
        self.write(state, Entry::Note { text }).await?;
        Ok(Err(error))
    }

    pub(crate) async fn apply(
        &self,
        state: &State,
        step: &dyn Step<W>,
    ) -> Halt<Result<Value, StepError>> {
        let scope = self.scope(state, step.id());
        if self.injection.fail_before.hits(step.id()) {
            return Ok(Err(StepError::failed(format!(
                "injected before step {}",
                step.id()
            ))));
        }
        let apply = || step.apply(&scope);
        let mut applied = self.through_losses(state, &scope, apply).await?;
        if applied.is_ok() && self.injection.twice.hits(step.id()) {
            applied = self.through_losses(state, &scope, apply).await?;
        }
        let output = match applied {
            Ok(output) => output,
            Err(error) => return Ok(Err(error)),
        };
        if self.injection.fail_after.hits(step.id()) {
            return Ok(Err(StepError::failed(format!(
                "injected after step {}",
                step.id()
            ))));
        }
        let verified = self.through_losses(state, &scope, || step.verify(&scope));
        Ok(verified.await?.map(|()| output))
    }

    pub(crate) async fn found(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        output: Value,
    ) -> Halt<()> {
        if let Status::Applied(_) = state.replay.status(step.id()) {
            return Ok(());
        }
        state.outputs.put(step.id(), output.clone());
        let applied = Entry::Applied {
            step: step.id().to_owned(),
            output,
            found: true,
        };
        self.write(state, applied).await
    }
}

fn failed<W: Send + Sync>(step: &dyn Step<W>, error: &StepError) -> Entry {
    Entry::Failed {
        step: step.id().to_owned(),
        error: error.clone(),
    }
}
