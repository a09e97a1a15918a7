//! `cleanup`: destroys the pair that is not in use.

use connect_swap_engine::{Ending, PhaseOutcome, PhaseState, Replay, Runner, Start, StepError};
use serde_json::json;

use super::adopt::{Manner, adopt};
use super::finish::{fail, finish, settle_state};
use super::forget::forget_journal;
use super::gather::{Gathered, gather};
use super::locked::{addon_named, lock_in};
use super::prep::not_locked;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use crate::operator::{Operator, Target};
use crate::plans::{self, CUTOVER};
use crate::report::Report;
use crate::steps::cleanup::ABANDONED;
use crate::topology::Found;
use crate::world::{DATABASE, Side};

const COMMAND: &str = "cleanup";

/// Destroys the new pair of an abandoned swap, or the old one of a finished swap.
pub async fn cleanup(operator: &Operator, target: &Target) -> Report {
    let mut report = Report::new(COMMAND, target.app.as_str());
    match run(operator, target, &mut report).await {
        Ok(()) => report,
        Err((exit, error)) => fail(report, operator, target, exit, &error).await,
    }
}

async fn run(operator: &Operator, target: &Target, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, target, COMMAND).await?;
    if gathered.open_run().map_err(other)?.is_none()
        && let Some(over) = left_behind(&gathered)
    {
        return tidy(operator, target, &gathered, over, report).await;
    }
    let found = gathered.required_run().map_err(other)?;
    let side = unused(&gathered, found).map_err(other)?;
    let holder = addon_named(&gathered, found.held_by.as_str()).map_err(other)?;
    let lock = lock_in(operator, &gathered, holder, COMMAND)
        .await
        .map_err(not_locked)?;
    let world = adopt(
        operator,
        COMMAND,
        found,
        holder.id.clone(),
        lock,
        Manner::default(),
    )
    .await
    .map_err(other)?;
    let plan = plans::cleanup(side)
        .map_err(|error| other(StepError::failed("the plan is broken").because(&error)))?;
    let runner = Runner {
        plan: &plan,
        world: &world,
        journal: world.journal.as_ref(),
        gate: operator.gate.as_ref(),
        sink: operator.sink.as_ref(),
        clock: operator.clock.as_ref(),
        control: &operator.control,
        bound: None,
        injection: &operator.injection,
        by: json!(operator.identity),
        start: Start::Resume,
    };
    let ending = runner.run().await;
    finish(report, operator, target, &world, &plan, &ending).await;
    if side == Side::New && matches!(ending, Ending::Done) {
        forget_journal(operator, &world, report).await;
    }
    Ok(())
}

/// A swap that was given up, whose journal could not be taken out of the old database then.
fn left_behind(gathered: &Gathered) -> Option<&Found> {
    gathered.runs.iter().find(|found| {
        found.run.closed_as.as_deref() == Some(ABANDONED)
            && found.held_by == found.subject.old.database.name
    })
}

/// Takes that journal away.
async fn tidy(
    operator: &Operator,
    target: &Target,
    gathered: &Gathered,
    over: &Found,
    report: &mut Report,
) -> Result<(), Stopped> {
    let holder = addon_named(gathered, over.held_by.as_str()).map_err(other)?;
    let lock = lock_in(operator, gathered, holder, COMMAND)
        .await
        .map_err(not_locked)?;
    let manner = Manner::default();
    let world = adopt(operator, COMMAND, over, holder.id.clone(), lock, manner)
        .await
        .map_err(other)?;
    forget_journal(operator, &world, report).await;
    settle_state(report, target, Some(gathered));
    Ok(())
}

/// Whether cutover came to its end: only then were the rows copied that the old database holds.
fn swapped(found: &Found) -> Result<bool, StepError> {
    let cutover = Replay::latest(&found.records, CUTOVER).map_err(|error| {
        StepError::unbelievable("the journal cannot be believed").because(&error)
    })?;
    Ok(cutover.state == PhaseState::Ended(PhaseOutcome::Done))
}

/// Which pair is not in use: by the journal, and by what `DATABASE` is now.
fn unused(gathered: &Gathered, found: &Found) -> Result<Side, StepError> {
    let app = &gathered.app.name;
    let at = stage(found).map_err(|error| {
        StepError::unbelievable("the journal cannot be believed").because(&error)
    })?;
    let holder = gathered
        .attachments
        .iter()
        .find(|a| a.name == *DATABASE && a.namespace.is_none());
    let holder = holder.map(|attachment| &attachment.addon.name);
    let subject = &found.subject;
    match at {
        Stage::CuttingOver | Stage::Promoted | Stage::RollingBack => Err(StepError::blocked(
            "the app is in the middle of a cutover: both pairs are needed",
        )
        .hint(format!(
            "heroku connect:swap:cutover -a {app}, or rollback, first"
        ))),
        Stage::Closed => Err(StepError::blocked("this swap is over")),
        Stage::Preparing | Stage::Ready | Stage::Swapped | Stage::CleaningUp => {
            if holder == Some(&subject.old.database.name) && at != Stage::Swapped {
                Ok(Side::New)
            } else if holder == Some(&subject.new.database) && swapped(found)? {
                Ok(Side::Old)
            } else {
                Err(StepError::drifted(
                    "DATABASE is not where this swap has left it, so neither pair is proven unused",
                )
                .hint(format!(
                    "look at heroku addons -a {app}; destroy by hand what is not used"
                )))
            }
        }
    }
}
