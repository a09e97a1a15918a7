//! What a lost session cost is done again: every part of a step may be done twice.

use std::time::Duration;

use crate::runner::{Halt, State, unusable};
use crate::{Entry, ErrorKind, Level, Moment, NewRecord, Runner, Scope, StepError};

/// How long it is tried while users are turned away: a restart is over by then. Where it is a failover
/// that takes longer, they are better off with the app up again.
const IN_WINDOW: Duration = Duration::from_secs(60);
/// How long it is tried at any other time: a failover takes a minute or two.
const OUTSIDE: Duration = Duration::from_secs(5 * 60);
/// The first pause; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl<W: Send + Sync> Runner<'_, W> {
    /// Does a part of a step, and again where it fails with [`ErrorKind::Lost`]. The error in the end is
    /// never of that kind: the step's policy decides then, as after any failure.
    ///
    /// # Errors
    /// Those of the part, an interruption, or the bound of the whole run. The run ends where its journal
    /// is lost, or was taken over by another run meanwhile.
    pub(crate) async fn through_losses<T, F>(
        &self,
        state: &State,
        scope: &Scope<'_, W>,
        part: impl Fn() -> F,
    ) -> Halt<Result<T, StepError>>
    where
        F: Future<Output = Result<T, StepError>>,
    {
        let patience = match self.in_window(state) {
            true => IN_WINDOW,
            false => OUTSIDE,
        };
        let (mut pause, mut paused, mut first) = (FIRST_PAUSE, Duration::ZERO, None);
        loop {
            let error = match part().await {
                Err(error) if error.kind == ErrorKind::Lost => error,
                done => return Ok(done),
            };
            let now = self.clock.now();
            let tried = now.duration_since(*first.get_or_insert(now)).unsigned_abs();
            if tried.max(paused) >= patience {
                return Ok(Err(StepError {
                    kind: ErrorKind::Failed,
                    ..error
                }));
            }
            let text = format!("{error}; {} begins anew", scope.step());
            scope.notice(Level::Warning, text.as_str());
            if let Err(stopped) = pause_within_bound(scope, pause).await {
                return Ok(Err(stopped));
            }
            self.still_ours(state, text).await?;
            paused += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// With a session the lock may be lost, and another run may have gone on meanwhile: the journal
    /// takes a note from the run alone whose turn it is.
    async fn still_ours(&self, state: &State, text: String) -> Halt<()> {
        let note = NewRecord {
            phase: self.plan.phase().to_owned(),
            attempt: state.replay.attempt,
            at: self.clock.now(),
            entry: Entry::Note { text },
        };
        let noted = self.journal.append(note).await;
        noted.map_err(|error| unusable(&error, self.by_hand(state)))
    }
}

async fn pause_within_bound<W: Send + Sync>(
    scope: &Scope<'_, W>,
    pause: Duration,
) -> Result<(), StepError> {
    tokio::select! {
        slept = scope.sleep(pause) => slept,
        over = scope.bound_reached(Moment::WithinStep) => Err(over),
    }
}
