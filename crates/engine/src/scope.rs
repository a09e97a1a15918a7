//! What a step is given to work with.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::{
    Bound, Clock, Control, ErrorKind, Event, Interruption, Level, Moment, Outputs, Progress, Sink,
    StepError,
};

/// How long between two looks at the bound of the whole run while a person is waited for.
const BOUND_PAUSE: Duration = Duration::from_secs(1);

/// The world, the earlier outputs, time, and a way to tell how far it is.
pub struct Scope<'a, W: Send + Sync> {
    /// The domain's world.
    pub world: &'a W,
    /// What earlier steps (and this one, in an earlier run) left behind.
    pub outputs: &'a Outputs,
    /// Time.
    pub clock: &'a dyn Clock,
    pub(crate) begun: &'a BTreeSet<String>,
    pub(crate) control: &'a Control,
    pub(crate) sink: &'a dyn Sink,
    pub(crate) step: &'static str,
    bound: Option<&'a dyn Bound<W>>,
}

/// How to wait for a condition: never without a bound and a reason.
#[derive(Debug, Clone)]
pub struct Wait {
    /// For what, as a fragment: `the new database to accept connections`.
    pub reason: String,
    /// How long between two looks.
    pub interval: Duration,
    /// How long at the most.
    pub bound: Duration,
    /// What a person can do when it takes longer.
    pub way_out: String,
}

impl<'a, W: Send + Sync> Scope<'a, W> {
    /// A scope for one step.
    pub fn new(
        world: &'a W,
        outputs: &'a Outputs,
        begun: &'a BTreeSet<String>,
        clock: &'a dyn Clock,
        control: &'a Control,
        sink: &'a dyn Sink,
        step: &'static str,
    ) -> Self {
        Self {
            world,
            outputs,
            begun,
            clock,
            control,
            sink,
            step,
            bound: None,
        }
    }

    /// The same under a bound of the whole run.
    #[must_use]
    pub(crate) fn under(mut self, bound: &'a dyn Bound<W>) -> Self {
        self.bound = Some(bound);
        self
    }

    /// Which step it is for.
    pub fn step(&self) -> &'static str {
        self.step
    }

    /// Fails when the bound of the whole run is reached.
    pub(crate) async fn check_bound(&self, moment: Moment) -> Result<(), StepError> {
        match self.bound {
            Some(bound) => bound.check(self, moment).await,
            None => Ok(()),
        }
    }

    /// Resolves when the bound of the whole run is reached, with what it refuses; never without one.
    pub(crate) async fn bound_reached(&self, moment: Moment) -> StepError {
        let Some(bound) = self.bound else {
            return std::future::pending().await;
        };
        loop {
            self.clock.sleep(BOUND_PAUSE).await;
            if let Err(error) = bound.check(self, moment).await {
                return error;
            }
        }
    }

    /// The output of an earlier step.
    ///
    /// # Errors
    /// When the journal does not hold it.
    pub fn output<T: DeserializeOwned>(&self, step: &str) -> Result<T, StepError> {
        self.outputs.get(step)
    }

    /// The output this very step left in an earlier run.
    ///
    /// # Errors
    /// When the journal holds something unreadable.
    pub fn own_output<T: DeserializeOwned>(&self) -> Result<Option<T>, StepError> {
        self.outputs.find(self.step)
    }

    /// Whether this attempt's journal holds an intent of a step: it may have had its effect, also
    /// where no outcome is written.
    pub fn begun(&self, step: &str) -> bool {
        self.begun.contains(step)
    }

    /// Tells how far the step is.
    pub fn progress(&self, progress: Progress) {
        self.sink.emit(Event::StepProgress {
            step: self.step.to_owned(),
            progress,
        });
    }

    /// Tells a person something.
    pub fn notice(&self, level: Level, text: impl Into<String>) {
        self.sink.emit(Event::Notice {
            level,
            text: text.into(),
        });
    }

    /// Tells an event of the domain's own, such as the opening of the window.
    pub fn announce(&self, event: Event) {
        self.sink.emit(event);
    }

    /// Fails when someone asked the run to pause.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`] when an interruption is asked for.
    pub fn check_interruption(&self) -> Result<(), StepError> {
        if self.control.interruption() == Interruption::None {
            return Ok(());
        }
        Err(StepError::new(
            ErrorKind::Interrupted,
            format!("step {} was interrupted", self.step),
        ))
    }

    /// Runs a long operation that may be dropped at any await, and gives way to an interruption.
    ///
    /// # Errors
    /// The operation's own, or [`ErrorKind::Interrupted`].
    pub async fn interruptible<T>(
        &self,
        operation: impl Future<Output = Result<T, StepError>>,
    ) -> Result<T, StepError> {
        tokio::select! {
            result = operation => result,
            () = self.control.interrupted() => {
                self.check_interruption()?;
                Err(StepError::failed("interrupted"))
            }
        }
    }

    /// Sleeps, or returns early when an interruption is asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`], or that the bound of the whole run is reached.
    pub async fn sleep(&self, duration: Duration) -> Result<(), StepError> {
        tokio::select! {
            () = self.clock.sleep(duration) => {}
            () = self.control.interrupted() => {}
        }
        self.check_interruption()?;
        self.check_bound(Moment::WithinStep).await
    }

    /// Looks again and again until `look` returns a value, the bound is reached or someone asks
    /// to pause. `look` tells what it saw through [`Scope::progress`].
    ///
    /// # Errors
    /// What `look` returns, an interruption, the bound of the whole run, or [`ErrorKind::TimedOut`] with reason and way out.
    pub async fn wait_for<T, F, Fut>(&self, wait: &Wait, mut look: F) -> Result<T, StepError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Option<T>, StepError>>,
    {
        let started = self.clock.now();
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            let waited = self.clock.now().duration_since(started).unsigned_abs();
            if waited >= wait.bound {
                let message = format!(
                    "waited {} for {}, which is the limit",
                    in_words(waited),
                    wait.reason
                );
                return Err(StepError::new(ErrorKind::TimedOut, message).hint(wait.way_out.clone()));
            }
            self.sleep(wait.interval).await?;
        }
    }
}

fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m {s}s"),
        (h, m, _) => format!("{h}h {m}m"),
    }
}
