//! Runs a plan: observe, ask, write intent, apply, verify, write outcome.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::{
    Bound, Clock, Control, Effect, Ending, Entry, ErrorKind, Event, Gate, Injection, Interruption,
    Journal, JournalError, NewRecord, Observation, Outputs, PhaseOutcome, PhaseState, Plan, Replay,
    ReplayError, Scope, Sink, Status, Step, StepError, StepState,
};

/// How often a step past the point of no return is tried before a person is called. A wait that
/// reached its bound is not tried again: its bound is what the app may stay down for it.
const FORWARD_TRIES: u32 = 3;
/// How long to wait between two such tries, times the number of the try.
pub(crate) const FORWARD_PAUSE: Duration = Duration::from_secs(10);
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
    /// What bounds the run as a whole, where something does.
    pub bound: Option<&'a dyn Bound<W>>,
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
    pub(crate) granted: BTreeSet<Effect>,
}

/// What came of one step.
enum StepEnd {
    GoOn,
    End(Box<Ending>),
}

pub(crate) type Halt<T> = Result<T, Ending>;

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
            if state.replay.state != PhaseState::Open || !self.can_unwind() {
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

    /// The phase as its journal tells it; a fresh attempt where the latest one was rolled back, is
    /// done and this run is to begin afresh, or cannot be gone on with.
    async fn load(&self) -> Halt<State> {
        let records = self
            .journal
            .records()
            .await
            .map_err(|e| unusable(&e, Vec::new()))?;
        let mut replay =
            Replay::latest(&records, self.plan.phase()).map_err(|e| corrupt(&e, Vec::new()))?;
        let again = match replay.state {
            PhaseState::Ended(PhaseOutcome::RolledBack) => true,
            PhaseState::Ended(PhaseOutcome::Done) => self.start == Start::Afresh,
            // What began to unwind although it has no undos can only go on as a new attempt.
            PhaseState::Open => replay.is_unwinding() && !self.can_unwind(),
            PhaseState::NotStarted => false,
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
            Ok(_) if was_done => Err(self.taken_back(state, step)),
            Ok(_) => Ok(0),
            Err(error) => Err(self.undecided(state, step, error)),
        }
    }

    /// Somebody took the point of no return back by hand: neither way is this run's to choose. While
    /// users are turned away that needs a person at once.
    fn taken_back(&self, state: &State, step: &dyn Step<W>) -> Ending {
        let id = step.id().to_owned();
        let error = StepError::drifted(format!("step {id} was done, and is no longer in effect"));
        if !self.in_window(state) {
            return Ending::Drifted { step: id, error };
        }
        let by_hand = step.by_hand(&self.scope(state, step.id()));
        Ending::Stuck {
            step: id,
            error,
            by_hand,
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

    pub(crate) fn scope<'s>(&'s self, state: &'s State, step: &'static str) -> Scope<'s, W> {
        let scope = self.scope_under(state, step, self.control);
        match self.bound {
            Some(bound) if !self.past_no_return(state) => scope.under(bound),
            _ => scope,
        }
    }

    /// A scope that gives way to another control than the run's, and to no bound.
    pub(crate) fn scope_under<'s>(
        &'s self,
        state: &'s State,
        step: &'static str,
        control: &'s Control,
    ) -> Scope<'s, W> {
        Scope::new(
            self.world,
            &state.outputs,
            state.replay.begun(),
            self.clock,
            control,
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
            .map_err(|e| unusable(&e, self.by_hand(state)))?;
        let followed = state.replay.follow(record);
        followed.map_err(|e| corrupt(&e, self.by_hand(state)))
    }
}

pub(crate) fn unusable(error: &JournalError, by_hand: Vec<String>) -> Ending {
    Ending::Journal {
        error: StepError::failed("the journal in the old database cannot be used")
            .because(error)
            .hint(
                "see that the old database answers and its disk has room (`heroku pg:info`), then run \
                 the same command: it goes on from the last entry",
            ),
        by_hand,
    }
}

fn corrupt(error: &ReplayError, by_hand: Vec<String>) -> Ending {
    Ending::Journal {
        error: StepError::unbelievable("the journal in the old database cannot be believed")
            .because(error),
        by_hand,
    }
}
