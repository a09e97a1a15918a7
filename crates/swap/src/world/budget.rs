//! The longest window the operator accepts (`--max-downtime`).

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{Bound, Journal, Moment, Scope, StepError};

use super::World;
use crate::downtime::{Downtime, Estimate, Phase, Took, downtime, downtime_while_asked};
use crate::steps::cutover::Opened;
use crate::words;

/// Bounds a window by the operator's `--max-downtime`: before the promotion that leads back to the
/// old pair.
pub(crate) struct Budget;

#[async_trait]
impl Bound<World> for Budget {
    async fn check(&self, scope: &Scope<'_, World>, moment: Moment) -> Result<(), StepError> {
        let world = scope.world;
        let Some((budget, open)) = open_under_budget(scope)? else {
            return Ok(());
        };
        let to_come = to_come(world.estimate.as_ref(), scope.step(), moment);
        if open + to_come <= budget.as_secs_f64() {
            return Ok(());
        }
        // Only now: the journal is not read again and again.
        let records = world.journal.records().await.unwrap_or_default();
        let now = scope.clock.now();
        let came = match moment {
            Moment::BeforeStep => downtime_while_asked(&records, now),
            Moment::WithinStep => downtime(&records, now),
        };
        Err(exceeded(
            budget,
            open,
            to_come,
            came.as_ref(),
            world.estimate.as_ref(),
        ))
    }
}

/// The budget, and for how many seconds the window has been open; nothing without either.
fn open_under_budget(scope: &Scope<'_, World>) -> Result<Option<(Duration, f64)>, StepError> {
    let Some(budget) = scope.world.max_downtime else {
        return Ok(None);
    };
    let opened = scope.outputs.find::<Opened>("maintenance-on")?;
    let now = scope.clock.now();
    Ok(opened.map(|opened| (budget, now.duration_since(opened.at).as_secs_f64())))
}

/// How long a wait that may be given up can last, so that what comes after its phase keeps the
/// budget at its worst too; nothing where there is no budget.
///
/// # Errors
/// When the journal holds something unreadable.
pub(crate) fn spare_time(scope: &Scope<'_, World>) -> Result<Option<Duration>, StepError> {
    let after = scope.world.estimate.as_ref().zip(Phase::of(scope.step()));
    let after = after.map_or(0.0, |(expected, phase)| expected.longest_after(phase));
    Ok(open_under_budget(scope)?.map(|(budget, open)| {
        let spare = budget.as_secs_f64() - open - after;
        Duration::try_from_secs_f64(spare).unwrap_or_default()
    }))
}

/// Seconds still to come at best. Of a phase under way nobody knows how much is left: it may end at
/// once.
fn to_come(expected: Option<&Estimate>, step: &str, moment: Moment) -> f64 {
    let Some((expected, phase)) = expected.zip(Phase::of(step)) else {
        return 0.0;
    };
    let first = moment == Moment::BeforeStep && opens_phase(step);
    expected.to_come(phase, if first { 0.0 } else { f64::INFINITY })
}

/// Whether a phase begins with this step.
fn opens_phase(step: &str) -> bool {
    let Ok(plan) = crate::plans::cutover() else {
        return false;
    };
    let ids = plan.ids();
    let first = ids.iter().find(|id| Phase::of(id) == Phase::of(step));
    first.is_some_and(|first| first == step)
}

fn exceeded(
    budget: Duration,
    open: f64,
    to_come: f64,
    came: Option<&Downtime>,
    expected: Option<&Estimate>,
) -> StepError {
    let mut message = format!(
        "--max-downtime {} cannot be kept: the window has been open for {}",
        words::duration(budget.as_secs_f64()),
        words::duration(open)
    );
    if to_come > 0.0 {
        message = format!(
            "{message}, and {} at least are still to come",
            words::duration(to_come)
        );
    }
    let came = came.map_or(&[][..], |came| &came.phases);
    let range = |took: &Took| expected.and_then(|expected| expected.phase(took.phase));
    let told = |took: &Took| {
        let range = range(took);
        let range = range.map(|range| {
            let range = words::range(range.low, range.high);
            format!(", expected {range}")
        });
        format!(
            "{} took {}{}",
            took.phase.words(),
            words::duration(took.seconds),
            range.unwrap_or_default()
        )
    };
    let longest = came.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds));
    if let Some(longest) = longest {
        message = format!("{message}; {}", told(longest));
    }
    let mut error = StepError::failed(message)
        .hint("mend what took long, choose a quieter hour, or a larger --max-downtime");
    let longer = |took: &&Took| range(took).is_none_or(|range| took.seconds > range.high);
    error.causes = came.iter().filter(longer).map(told).collect();
    error
}

impl World {
    /// Runs a long operation that may be dropped at any await; gives way to an interruption, and
    /// to the window's bound when that is reached meanwhile.
    ///
    /// # Errors
    /// The operation's own, an interruption, or that the bound is reached.
    pub async fn within_budget<T>(
        &self,
        scope: &Scope<'_, World>,
        operation: impl Future<Output = Result<T, StepError>>,
    ) -> Result<T, StepError> {
        let bound = async {
            loop {
                scope.sleep(self.interval).await?;
            }
        };
        tokio::select! {
            done = scope.interruptible(operation) => done,
            over = bound => over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Estimate {
        let phases = serde_json::json!([
            { "phase": "pause", "low": 10.0, "high": 120.0, "why": "" },
            { "phase": "boot", "low": 20.0, "high": 60.0, "why": "" },
        ]);
        Estimate::of(serde_json::from_value(phases).unwrap())
    }

    #[test]
    fn a_phase_under_way_may_end_at_once() {
        let expected = expected();
        let of = |step, moment| to_come(Some(&expected), step, moment);
        assert_eq!(of("pause-old", Moment::BeforeStep), 30.0);
        assert_eq!(of("pause-old", Moment::WithinStep), 20.0);
        assert_eq!(of("settle", Moment::BeforeStep), 20.0);
        assert_eq!(of("drain", Moment::WithinStep), 30.0);
        assert_eq!(of("readiness", Moment::BeforeStep), 0.0);
        assert_eq!(to_come(None, "pause-old", Moment::BeforeStep), 0.0);
    }

    #[test]
    fn the_error_names_budget_and_culprit() {
        let took = |phase, seconds| Took { phase, seconds };
        let came = Downtime {
            closed: false,
            seconds: 290.0,
            phases: vec![took(Phase::Stop, 12.0), took(Phase::Pause, 278.0)],
        };
        let error = exceeded(
            Duration::from_secs(300),
            290.0,
            20.0,
            Some(&came),
            Some(&expected()),
        );
        assert_eq!(
            error.message,
            "--max-downtime 5m 00s cannot be kept: the window has been open for 4m 50s, and 20s at \
             least are still to come; pause Connect took 4m 38s, expected 10s to 2m 00s"
        );
        assert_eq!(error.causes[0], "stop the dynos took 12s");
        assert_eq!(error.causes.len(), 2);
    }
}
