//! `rollback`: does on request what a failure does by itself, and goes back after the promotion
//! while no dyno has started on the new database.

use connect_swap_engine::{
    Ending, Journal, NewRecord, PhaseOutcome, Record, Replay, Runner, Start, Status, StepError,
};
use connect_swap_engine::{Entry, Plan};
use serde_json::json;

use super::adopt::{Manner, adopt};
use super::finish::{fail, finish};
use super::gather::gather;
use super::locked::{addon_named, lock_in};
use super::prep::not_locked;
use super::stage::{Stage, gone_back, stage};
use super::stopped::{Stopped, other};
use super::window;
use crate::exit::ExitCode;
use crate::operator::{Operator, Target};
use crate::plans::{self, CUTOVER};
use crate::report::Report;
use crate::world::World;

const COMMAND: &str = "rollback";

/// Goes back to the old pair.
pub async fn rollback(operator: &Operator, target: &Target) -> Report {
    let mut report = Report::new(COMMAND, target.app.as_str());
    match run(operator, target, &mut report).await {
        Ok(()) => report,
        Err((exit, error)) => fail(report, operator, target, exit, &error).await,
    }
}

async fn run(operator: &Operator, target: &Target, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, target, COMMAND).await?;
    let found = gathered.required_run().map_err(other)?;
    let at = stage(found).map_err(|error| {
        other(StepError::unbelievable("the journal cannot be believed").because(&error))
    })?;
    let app = gathered.app.name.as_str();
    if let Some(refusal) = refusal(at, app) {
        return Err(other(refusal));
    }
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
    let broken = |error: connect_swap_engine::PlanError| {
        other(StepError::failed("the plan is broken").because(&error))
    };
    window::announce(operator, &world).await.map_err(other)?;
    let promoted = at == Stage::RollingBack || promoted(&world).await.map_err(other)?;
    if promoted {
        let plan = plans::rollback().map_err(broken)?;
        let ending = if is_only_to_be_closed(&world).await.map_err(other)? {
            Ending::Done
        } else {
            runner(operator, &world, &plan).run().await
        };
        if ending == Ending::Done {
            end_cutover(operator, &world).await.map_err(other)?;
        }
        finish(report, operator, target, &world, &plan, &ending).await;
    } else {
        let plan = plans::cutover().map_err(broken)?;
        let runner = runner(operator, &world, &plan);
        let ending = runner.roll_back("rollback was asked for").await;
        finish(report, operator, target, &world, &plan, &ending).await;
        if matches!(ending, Ending::RolledBack { .. }) {
            // Here going back is what was asked for, so it is a success.
            report.exit = ExitCode::Ok;
            report.error = None;
            let next = super::next::line(app, Some(Stage::Ready));
            report.next = super::next::of_target(&next, target);
        }
    }
    Ok(())
}

fn refusal(at: Stage, app: &str) -> Option<StepError> {
    let message = match at {
        Stage::CuttingOver | Stage::Promoted | Stage::RollingBack => return None,
        Stage::Preparing | Stage::Ready => {
            return Some(
                StepError::blocked("there is nothing to go back from: the app is on the old pair")
                    .hint(format!(
                        "to give the new pair up: heroku connect:swap:cleanup -a {app}"
                    )),
            );
        }
        Stage::Swapped => {
            "the app has run on the new database since the switch: going back would lose its writes"
        }
        Stage::CleaningUp | Stage::Closed => "this swap is over",
    };
    Some(StepError::blocked(message).hint(format!(
        "stay on the new pair; the old one is kept until: heroku connect:swap:cleanup -a {app}"
    )))
}

/// Whether the promotion took place. The journal may not know yet, so the world is asked; where
/// somebody has promoted the old database by hand since, only the journal knows.
async fn promoted(world: &World) -> Result<bool, StepError> {
    let (cutover, _) = latest_cutover(world).await?;
    if matches!(cutover.status("promote"), Status::Applied(_)) {
        return Ok(true);
    }
    let new = world.new_database().await?;
    Ok(world.database_holder().await?.as_ref() == Some(&new.id))
}

fn runner<'a>(
    operator: &'a Operator,
    world: &'a World,
    plan: &'a Plan<World>,
) -> Runner<'a, World> {
    Runner {
        plan,
        world,
        journal: world.journal.as_ref(),
        gate: operator.gate.as_ref(),
        sink: operator.sink.as_ref(),
        clock: operator.clock.as_ref(),
        control: &operator.control,
        bound: None,
        injection: &operator.injection,
        by: json!(operator.identity),
        start: Start::Afresh,
    }
}

/// The latest cutover as the journal tells it under the lock, and every entry.
async fn latest_cutover(world: &World) -> Result<(Replay, Vec<Record>), StepError> {
    let records = world
        .journal
        .records()
        .await
        .map_err(|error| StepError::failed("the journal cannot be read").because(&error))?;
    let replay = Replay::latest(&records, CUTOVER).map_err(|error| {
        StepError::unbelievable("the journal cannot be believed").because(&error)
    })?;
    Ok((replay, records))
}

/// Whether an earlier run has gone all the way back and ended before it could write that down: the
/// app is up, and a rollback begun anew would take it down again.
async fn is_only_to_be_closed(world: &World) -> Result<bool, StepError> {
    let (cutover, records) = latest_cutover(world).await?;
    Ok(gone_back(&records, &cutover))
}

/// The cutover that was taken back is over: the next one is a new attempt.
async fn end_cutover(operator: &Operator, world: &World) -> Result<(), StepError> {
    let (replay, _) = latest_cutover(world).await?;
    if replay.state != connect_swap_engine::PhaseState::Open {
        return Ok(());
    }
    let entry = Entry::PhaseEnded {
        outcome: PhaseOutcome::RolledBack,
    };
    let record = NewRecord {
        phase: CUTOVER.to_owned(),
        attempt: replay.attempt,
        at: operator.clock.now(),
        entry,
    };
    let written = world.journal.append(record).await;
    written.map_err(|error| {
        StepError::failed("the app is on the old pair; the journal cannot be written")
            .because(&error)
            .hint("run the same command again: it only writes that down")
    })
}
