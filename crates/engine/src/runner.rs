//! Runs a plan: observe, ask, write intent, apply, verify, write outcome.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Answer, Choice, Clock, ConsentRequest, Control, Description, Effect, Entry, ErrorKind, Event,
    Gate, Injection, Interruption, Journal, JournalError, NewRecord, Observation, OnFailure,
    Outputs, PhaseOutcome, PhaseState, Plan, Replay, ReplayError, Scope, Sink, Status, Step,
    StepError, StepState,
};

/// How often a step past the point of no return is tried before a person is called.
const FORWARD_TRIES: u32 = 3;
/// How long to wait between two such tries, times the number of the try.
const FORWARD_PAUSE: Duration = Duration::from_secs(10);
/// How often the world is asked whether a step without return took place.
const SETTLE_TRIES: u32 = 10;

/// How a run of a plan ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "kebab-case")]
pub enum Ending {
    /// Every step is done.
    Done,
    /// Stopped at a step; the same command goes on.
    Paused {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// A finding blocks the way and nothing was changed.
    Blocked {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// A consent is missing or was declined.
    NoConsent {
        /// The step, where one had been reached.
        step: Option<String>,
        /// The flags that would have given it, or why it was declined.
        missing: Vec<String>,
    },
    /// The world is not as an earlier run left it.
    Drifted {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
    },
    /// Every step was undone.
    RolledBack {
        /// The step that failed.
        step: String,
        /// Why.
        error: StepError,
    },
    /// A person is needed.
    Stuck {
        /// The step.
        step: String,
        /// Why.
        error: StepError,
        /// What to type.
        by_hand: Vec<String>,
    },
    /// The journal could not be read, written or believed.
    Journal {
        /// Why.
        error: StepError,
    },
}

/// One step, for a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: StepState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How long it took.
    pub seconds: Option<f64>,
}

/// Runs one plan over one world.
pub struct Runner<'a, W: Send + Sync> {
    /// The plan.
    pub plan: &'a Plan<W>,
    /// The world its steps work on.
    pub world: &'a W,
    /// Where it is written down.
    pub journal: &'a dyn Journal,
    /// Who is asked.
    pub gate: &'a dyn Gate,
    /// Who is told.
    pub sink: &'a dyn Sink,
    /// Time.
    pub clock: &'a dyn Clock,
    /// How it is asked to pause.
    pub control: &'a Control,
    /// Faults put in on purpose.
    pub injection: &'a Injection,
    /// Who runs it: written at the start of the phase.
    pub by: Value,
    /// What a phase that is done means.
    pub start: Start,
}

/// What to do with a phase that is done already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Nothing: it is done.
    Resume,
    /// Begin a new attempt.
    Afresh,
}

/// What is known of the run while it goes on.
pub(crate) struct State {
    pub(crate) replay: Replay,
    pub(crate) outputs: Outputs,
    granted: BTreeSet<Effect>,
}

/// What came of one step.
enum StepEnd {
    GoOn,
    End(Box<Ending>),
}

type Halt<T> = Result<T, Ending>;

impl<W: Send + Sync> Runner<'_, W> {
    /// Runs the plan from where its journal says it stands.
    pub async fn run(&self) -> Ending {
        match self.try_run().await {
            Ok(ending) | Err(ending) => ending,
        }
    }

    /// Undoes the phase's latest attempt on request, as a failure would by itself.
    pub async fn roll_back(&self, why: &str) -> Ending {
        let result = async {
            let mut state = self.load().await?;
            if state.replay.state != PhaseState::Open {
                return Ok(Ending::Done);
            }
            self.start_phase(&mut state, true).await?;
            let error = StepError::failed(why);
            let step = self
                .plan
                .steps()
                .last()
                .map_or_else(String::new, |s| s.id().to_owned());
            Ok(self.unwind(&mut state, &step, error).await)
        };
        match result.await {
            Ok(ending) | Err(ending) => ending,
        }
    }

    async fn try_run(&self) -> Halt<Ending> {
        let mut state = self.load().await?;
        if state.replay.state == PhaseState::Ended(PhaseOutcome::Done) {
            return Ok(Ending::Done);
        }
        let unwinding = state.replay.is_unwinding();
        if !unwinding {
            let missing = self.gate.missing(&self.requests(&state));
            if !missing.is_empty() {
                return Ok(Ending::NoConsent {
                    step: None,
                    missing,
                });
            }
        }
        let resumed = state.replay.state == PhaseState::Open;
        self.start_phase(&mut state, resumed).await?;
        if unwinding {
            let (step, error) = self.first_failure(&state);
            return Ok(self.unwind(&mut state, &step, error).await);
        }
        let first = self.settle_no_return(&mut state).await?;
        for index in first..self.plan.steps().len() {
            if let StepEnd::End(ending) = self.run_step(&mut state, index).await? {
                return Ok(*ending);
            }
        }
        self.write(
            &mut state,
            Entry::PhaseEnded {
                outcome: PhaseOutcome::Done,
            },
        )
        .await?;
        Ok(Ending::Done)
    }

    /// The phase as its journal tells it; a fresh attempt where the latest one was rolled back, or
    /// is done and this run is to begin afresh.
    async fn load(&self) -> Halt<State> {
        let records = self.journal.records().await.map_err(|e| unusable(&e))?;
        let mut replay = Replay::latest(&records, self.plan.phase()).map_err(|e| corrupt(&e))?;
        let again = match replay.state {
            PhaseState::Ended(PhaseOutcome::RolledBack) => true,
            PhaseState::Ended(PhaseOutcome::Done) => self.start == Start::Afresh,
            PhaseState::NotStarted | PhaseState::Open => false,
        };
        if again {
            replay = Replay::fresh(self.plan.phase(), replay.attempt + 1);
        }
        let outputs = replay.outputs(&records);
        Ok(State {
            replay,
            outputs,
            granted: BTreeSet::new(),
        })
    }

    async fn start_phase(&self, state: &mut State, resumed: bool) -> Halt<()> {
        let steps = self.plan.ids();
        self.write(
            state,
            Entry::PhaseStarted {
                steps,
                by: self.by.clone(),
            },
        )
        .await?;
        let described = |step: &dyn Step<W>| (step.id().to_owned(), step.describe(self.world).what);
        self.sink.emit(Event::PhaseStarted {
            phase: self.plan.phase().to_owned(),
            steps: self
                .plan
                .steps()
                .iter()
                .map(|step| described(step.as_ref()))
                .collect(),
            resumed,
        });
        Ok(())
    }

    /// The step a phase past its point of no return goes on with.
    ///
    /// What stands before that point is never looked at again: it is true of the old pair.
    async fn settle_no_return(&self, state: &mut State) -> Halt<usize> {
        let steps = self.plan.steps();
        let Some(index) = steps.iter().rposition(|step| {
            step.effect() == Effect::NoReturn
                && matches!(
                    state.replay.status(step.id()),
                    Status::Started | Status::Applied(_) | Status::Failed(_)
                )
        }) else {
            return Ok(0);
        };
        let step = steps[index].as_ref();
        let was_done = matches!(state.replay.status(step.id()), Status::Applied(_));
        match self.settled(state, step).await {
            Ok(Observation::Done(output)) => {
                self.found(state, step, output).await?;
                Ok(index + 1)
            }
            // Somebody took it back by hand: neither way is this run's to choose.
            Ok(_) if was_done => Err(Ending::Drifted {
                step: step.id().to_owned(),
                error: StepError::drifted(format!(
                    "step {} was done, and is no longer in effect",
                    step.id()
                )),
            }),
            Ok(_) => Ok(0),
            Err(error) => Err(self.undecided(state, step, error)),
        }
    }

    async fn run_step(&self, state: &mut State, index: usize) -> Halt<StepEnd> {
        let step = self.plan.steps()[index].as_ref();
        if self.control.interruption() != Interruption::None {
            let error = StepError::new(
                ErrorKind::Interrupted,
                format!("asked to pause before step {}", step.id()),
            );
            if let Some(ending) = self.interrupted(state, step, error).await {
                return Ok(StepEnd::End(Box::new(ending)));
            }
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let mut started = self.clock.now();
            let result = self.attempt(state, step, index, &mut started).await?;
            let seconds = self.clock.now().duration_since(started).as_secs_f64();
            let error = match result {
                Ok(step_state) => {
                    self.ended(step.id(), step_state, seconds, None);
                    return Ok(StepEnd::GoOn);
                }
                Err(error) => error,
            };
            let ended = state.replay.status(step.id()).state();
            self.ended(step.id(), ended, seconds, Some(error.to_string()));
            if error.kind == ErrorKind::Interrupted {
                match self.interrupted(state, step, error).await {
                    None => continue,
                    Some(ending) => return Ok(StepEnd::End(Box::new(ending))),
                }
            }
            let forward = self.goes_forward(state, step);
            if forward && error.kind == ErrorKind::Failed && tries < FORWARD_TRIES {
                self.clock.sleep(FORWARD_PAUSE * tries).await;
                continue;
            }
            match self.after_failure(state, step, error).await? {
                None => return Ok(StepEnd::GoOn),
                Some(ending) => return Ok(StepEnd::End(Box::new(ending))),
            }
        }
    }

    /// Observes, asks, applies and verifies one step once.
    async fn attempt(
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
            step.observe(&scope).await
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
        if let Err(error) = self.consent(state, step, index).await? {
            return Ok(Err(error));
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
        match self.apply(state, step).await {
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

    async fn apply(&self, state: &State, step: &dyn Step<W>) -> Result<Value, StepError> {
        let scope = self.scope(state, step.id());
        if self.injection.fail_before.hits(step.id()) {
            return Err(StepError::failed(format!(
                "injected before step {}",
                step.id()
            )));
        }
        let mut output = step.apply(&scope).await?;
        if self.injection.twice.hits(step.id()) {
            output = step.apply(&scope).await?;
        }
        if self.injection.fail_after.hits(step.id()) {
            return Err(StepError::failed(format!(
                "injected after step {}",
                step.id()
            )));
        }
        step.verify(&scope).await?;
        Ok(output)
    }

    async fn found(&self, state: &mut State, step: &dyn Step<W>, output: Value) -> Halt<()> {
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

    async fn consent(
        &self,
        state: &mut State,
        step: &dyn Step<W>,
        index: usize,
    ) -> Halt<Result<(), StepError>> {
        let effect = step.effect();
        if effect.level() == 0
            || (effect.one_consent_covers_all() && state.granted.contains(&effect))
        {
            return Ok(Ok(()));
        }
        let request = self.request(step, index);
        self.sink.emit(Event::ConsentAsked {
            request: request.clone(),
        });
        let answer = self.gate.ask(&request).await;
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

    /// Ctrl-C at a prompt: a refusal while the app is up, the operator's choice in the window.
    fn interrupted_at_prompt(&self, state: &State, step: &dyn Step<W>) -> StepError {
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

    fn request(&self, step: &dyn Step<W>, index: usize) -> ConsentRequest {
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
    fn requests(&self, state: &State) -> Vec<ConsentRequest> {
        let steps = self.plan.steps().iter().enumerate();
        steps
            .filter(|(_, step)| step.effect().level() > 0)
            .filter(|(_, step)| !matches!(state.replay.status(step.id()), Status::Applied(_)))
            .map(|(index, step)| self.request(step.as_ref(), index))
            .collect()
    }

    /// What a failure leads to; `None` when the step turns out to be done.
    async fn after_failure(
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
    async fn settled(&self, state: &State, step: &dyn Step<W>) -> Result<Observation, StepError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let seen = {
                let scope = self.scope(state, step.id());
                step.observe(&scope).await
            };
            match seen {
                Err(error) if error.kind == ErrorKind::Failed && tries < SETTLE_TRIES => {
                    self.clock.sleep(FORWARD_PAUSE).await;
                }
                other => return other,
            }
        }
    }

    fn undecided(&self, state: &State, step: &dyn Step<W>, error: StepError) -> Ending {
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

    async fn interrupted(
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
        let past = self.past_no_return(state);
        if self.control.interruption() != Interruption::Ask || !self.in_window(state) {
            return paused(error);
        }
        self.control.clear();
        match self.gate.interrupted(step.id(), !past).await {
            Choice::Continue => None,
            Choice::RollBack if !past => Some(self.unwind(state, step.id(), error).await),
            Choice::RollBack | Choice::Pause => paused(error),
        }
    }

    fn in_window(&self, state: &State) -> bool {
        self.any(state, |effect| effect == Effect::Downtime)
    }

    /// Whether a step that a failure leads back from may have had an effect. What was made before
    /// the window stays: it is wanted by the next attempt too.
    fn touched(&self, state: &State) -> bool {
        self.plan.steps().iter().any(|step| {
            step.effect() != Effect::Read
                && step.on_failure() == OnFailure::Unwind
                && state.replay.status(step.id()).may_have_effect()
        })
    }

    fn past_no_return(&self, state: &State) -> bool {
        self.plan.steps().iter().any(|step| {
            step.effect() == Effect::NoReturn
                && matches!(state.replay.status(step.id()), Status::Applied(_))
        })
    }

    fn goes_forward(&self, state: &State, step: &dyn Step<W>) -> bool {
        self.past_no_return(state) || self.policy(step) == OnFailure::Forward
    }

    fn policy(&self, step: &dyn Step<W>) -> OnFailure {
        step.on_failure()
    }

    fn any(&self, state: &State, wanted: impl Fn(Effect) -> bool) -> bool {
        self.plan
            .steps()
            .iter()
            .any(|step| wanted(step.effect()) && state.replay.status(step.id()).may_have_effect())
    }

    fn first_failure(&self, state: &State) -> (String, StepError) {
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

    pub(crate) fn scope<'s>(&'s self, state: &'s State, step: &'static str) -> Scope<'s, W> {
        Scope::new(
            self.world,
            &state.outputs,
            self.clock,
            self.control,
            self.sink,
            step,
        )
    }

    pub(crate) fn ended(&self, step: &str, state: StepState, seconds: f64, error: Option<String>) {
        self.sink.emit(Event::StepEnded {
            step: step.to_owned(),
            state,
            seconds,
            error,
        });
    }

    /// Writes an entry, then takes it into the state, so that both always agree.
    pub(crate) async fn write(&self, state: &mut State, entry: Entry) -> Halt<()> {
        let record = NewRecord {
            phase: self.plan.phase().to_owned(),
            attempt: state.replay.attempt,
            at: self.clock.now(),
            entry,
        };
        self.journal
            .append(record.clone())
            .await
            .map_err(|e| unusable(&e))?;
        state.replay.follow(record).map_err(|e| corrupt(&e))
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

fn failed<W: Send + Sync>(step: &dyn Step<W>, error: &StepError) -> Entry {
    Entry::Failed {
        step: step.id().to_owned(),
        error: error.clone(),
    }
}

fn unusable(error: &JournalError) -> Ending {
    Ending::Journal {
        error: StepError::failed("the journal in the old database cannot be used").because(error),
    }
}

fn corrupt(error: &ReplayError) -> Ending {
    Ending::Journal {
        error: StepError::failed("the journal in the old database cannot be believed")
            .because(error),
    }
}
