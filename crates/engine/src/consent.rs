//! Asking for consent, and what a consent covers.

use crate::runner::{Halt, State};
use crate::{
    Answer, ConsentRequest, Description, Effect, Entry, ErrorKind, Event, Interruption, Moment,
    Runner, Status, Step, StepError,
};

impl<W: Send + Sync> Runner<'_, W> {
    /// Asks for what this step needs, unless it was given.
    ///
    /// In a window that an earlier run has left open, what the steps to come need is asked for at
    /// once: while users are turned away nobody is to look at steps that wait, and find a prompt
    /// behind them.
    pub(crate) async fn consent(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        index: usize,
    ) -> Halt<Result<(), StepError>> {
        let is_due = |effect: Effect| {
            effect.level() > 0
                && !(effect.one_consent_covers_all() && state.granted.contains(&effect))
        };
        if is_due(step.effect()) {
            return self.ask(state, step, index).await;
        }
        if !self.in_window(state) || !is_due(Effect::Downtime) {
            return Ok(Ok(()));
        }
        let mut later = self.plan.steps().iter().enumerate().skip(index + 1);
        let next = later.find(|(_, step)| step.effect() == Effect::Downtime);
        match next {
            Some((index, step)) => self.ask(state, step.as_ref(), index).await,
            None => Ok(Ok(())),
        }
    }

    async fn ask(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        index: usize,
    ) -> Halt<Result<(), StepError>> {
        let effect = step.effect();
        let request = self.request(step, index);
        self.sink.emit(Event::ConsentAsked {
            request: request.clone(),
        });
        let answered = self
            .unless_bound_reached(state, step, self.gate.ask(&request))
            .await;
        let (answer, over) = match answered {
            Ok(answer) => (answer, None),
            Err(over) => {
                let why = format!("not answered in time: {}", over.message);
                (Answer::Declined { why }, Some(over))
            }
        };
        let given = matches!(answer, Answer::Given { .. });
        self.sink.emit(Event::ConsentAnswered {
            step: step.id().to_owned(),
            given,
        });
        self.write(
            state,
            Entry::Consent {
                step: step.id().to_owned(),
                answer: answer.clone(),
            },
        )
        .await?;
        if let Some(over) = over {
            return Ok(Err(over));
        }
        match answer {
            Answer::Given { .. } => {}
            Answer::Declined { why } => {
                return Ok(Err(StepError::new(ErrorKind::Declined, why)));
            }
            Answer::Interrupted => return Ok(Err(self.interrupted_at_prompt(state, step))),
        }
        state.granted.insert(effect);
        Ok(Ok(()))
    }

    /// A person's answer, which may take hours: the question is dropped once the bound of the run is
    /// reached.
    pub(crate) async fn unless_bound_reached<T>(
        &self,
        state: &State,
        step: &dyn Step<W>,
        question: impl Future<Output = T>,
    ) -> Result<T, StepError> {
        let scope = self.scope(state, step.id());
        tokio::select! {
            biased;
            answer = question => Ok(answer),
            over = scope.bound_reached(Moment::BeforeStep) => Err(over),
        }
    }

    /// Ctrl-C at a prompt: a refusal while the app is up, the operator's choice in the window.
    pub(crate) fn interrupted_at_prompt(&self, state: &State, step: &dyn Step<W>) -> StepError {
        if self.control.interruption() == Interruption::Pause || self.in_window(state) {
            return StepError::new(
                ErrorKind::Interrupted,
                format!("interrupted at the prompt of step {}", step.id()),
            );
        }
        // The prompt was the answer to this Ctrl-C: what follows must not be cut short by it.
        self.control.clear();
        StepError::new(ErrorKind::Declined, "interrupted at the prompt")
    }

    pub(crate) fn request(&self, step: &dyn Step<W>, index: usize) -> ConsentRequest {
        let effect = step.effect();
        let covers = if effect.one_consent_covers_all() {
            let later = self.plan.steps().iter().skip(index + 1);
            later
                .filter(|other| other.effect() == effect)
                .map(|other| covered(&other.describe(self.world)))
                .collect()
        } else {
            Vec::new()
        };
        let description = step.describe(self.world);
        ConsentRequest {
            step: step.id().to_owned(),
            effect,
            description,
            covers,
        }
    }

    /// Every consent the rest of the plan may need.
    pub(crate) fn requests(&self, state: &State) -> Vec<ConsentRequest> {
        let steps = self.plan.steps().iter().enumerate();
        steps
            .filter(|(_, step)| step.effect().level() > 0)
            .filter(|(_, step)| !matches!(state.replay.status(step.id()), Status::Applied(_)))
            .map(|(index, step)| self.request(step.as_ref(), index))
            .collect()
    }
}

/// What a consent covers beside its own step, with what a person must know of it.
fn covered(description: &Description) -> String {
    if description.consequences.is_empty() {
        return description.what.clone();
    }
    format!(
        "{} ({})",
        description.what,
        description.consequences.join("; ")
    )
}
