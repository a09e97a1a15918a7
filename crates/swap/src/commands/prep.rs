//! `prep`: builds the new pair and gets it ready, while the app runs.

use connect_swap_engine::{Runner, Start, StepError};
use serde_json::json;
use uuid::Uuid;

use super::adopt::{Manner, adopt, fresh_world};
use super::begin::{NotBegun, begin};
use super::finish::{fail, finish};
use super::gather::{Gathered, gather};
use super::locked::{NotLocked, addon_named, lock_in};
use super::preflight::{block, passes};
use super::snapshot::take;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use crate::configuration::Request;
use crate::exit::ExitCode;
use crate::findings::Phase;
use crate::operator::{Operator, PrepArgs};
use crate::plans;
use crate::report::{Report, Section};
use crate::topology::Found;
use crate::world::World;

const COMMAND: &str = "prep";

/// Runs prep, or goes on with one that was begun, on whichever machine.
pub async fn prep(operator: &Operator, args: &PrepArgs) -> Report {
    let mut report = Report::new(COMMAND, args.target.app.as_str());
    if let Err((exit, error)) = run(operator, args, &mut report).await {
        report = fail(report, operator, &args.target, exit, &error).await;
    }
    // A run that never began is in no journal: its flags must be given again.
    let began = report.state != "none";
    let flags_are_right = report.exit != ExitCode::Usage;
    if report.exit != ExitCode::Ok && !began && flags_are_right {
        report.next = super::next::prep_line(args);
    }
    report.next = super::next::of_prep(&report.next, args);
    report
}

async fn run(operator: &Operator, args: &PrepArgs, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, &args.target, COMMAND).await?;
    let open = gathered.open_run().map_err(other)?;
    let world = match open {
        Some(found) => go_on(operator, args, &gathered, found, report).await?,
        None => start(operator, args, &gathered, report).await?,
    };
    let Some(world) = world else { return Ok(()) };
    let plan = plans::prep()
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
    finish(report, operator, &args.target, &world, &plan, &ending).await;
    if report.exit == ExitCode::Ok {
        report.text.push(ready_text(&world));
    }
    Ok(())
}

/// Begins a new run, if the findings allow it.
async fn start(
    operator: &Operator,
    args: &PrepArgs,
    gathered: &Gathered,
    report: &mut Report,
) -> Result<Option<World>, Stopped> {
    if !gathered.silent.is_empty() {
        let mut error = StepError::blocked("a database of this app does not answer")
            .hint("it may hold the journal of a swap that is under way; mend it first");
        error.causes.clone_from(&gathered.silent);
        return Err(other(error));
    }
    let run = Uuid::now_v7();
    let subject = begin(operator, gathered, args, run, COMMAND)
        .await
        .map_err(not_begun)?;
    let snapshot = take(operator, gathered, &subject, COMMAND)
        .await
        .map_err(other)?;
    if !passes(report, &snapshot, Phase::Prep, &args.acks, Vec::new()) {
        block(report, &args.acks, "nothing was changed");
        super::finish::settle_state(report, &args.target, Some(gathered));
        return Ok(None);
    }
    tell_findings(operator, report);
    let lock = lock_in(operator, gathered, &snapshot.old_database, COMMAND)
        .await
        .map_err(not_locked)?;
    none_begun_meanwhile(operator, args).await?;
    let manner = Manner {
        pace: args.pace,
        database_price: snapshot.database_price,
        connect_price: snapshot.connect_price,
        ..Manner::default()
    };
    Ok(Some(fresh_world(
        operator,
        COMMAND,
        run,
        subject,
        Some(lock),
        manner,
    )))
}

/// Looks again under the lock: between the first look and the lock another operator may have begun a
/// swap, and two of them would build two new pairs.
async fn none_begun_meanwhile(operator: &Operator, args: &PrepArgs) -> Result<(), Stopped> {
    let now = gather(operator, &args.target, COMMAND).await?;
    let Some(found) = now.runs.iter().find(|found| found.run.closed_at.is_none()) else {
        return Ok(());
    };
    let error = StepError::blocked(format!(
        "another operator has begun a swap of {} meanwhile",
        found.subject.old.connect.name
    ))
    .hint(format!(
        "nothing was changed by this run; see how far it is: heroku connect:swap:status -a {}",
        args.target.app
    ))
    .hint("the same command, run again, goes on with it");
    Err((Some(ExitCode::Locked), error))
}

/// Goes on with a run that was begun, here or elsewhere.
async fn go_on(
    operator: &Operator,
    args: &PrepArgs,
    gathered: &Gathered,
    found: &Found,
    report: &mut Report,
) -> Result<Option<World>, Stopped> {
    let at = stage(found).map_err(|error| {
        other(StepError::unbelievable("the journal cannot be believed").because(&error))
    })?;
    if !matches!(at, Stage::Preparing | Stage::Ready) {
        let error = StepError::blocked(format!("this swap is past prep: it is {}", at.word()))
            .hint(super::next::line(gathered.app.name.as_str(), Some(at)));
        return Err(other(error));
    }
    same_request(args, found)?;
    let old = addon_named(gathered, found.held_by.as_str()).map_err(other)?;
    let lock = lock_in(operator, gathered, old, COMMAND)
        .await
        .map_err(not_locked)?;
    let snapshot = take(operator, gathered, &found.subject, COMMAND)
        .await
        .map_err(other)?;
    // The new pair exists: what is found now is told, and blocks at cutover.
    passes(report, &snapshot, Phase::Prep, &args.acks, Vec::new());
    tell_findings(operator, report);
    let manner = Manner {
        pace: args.pace,
        database_price: snapshot.database_price,
        connect_price: snapshot.connect_price,
        ..Manner::default()
    };
    adopt(operator, COMMAND, found, old.id.clone(), lock, manner)
        .await
        .map(Some)
        .map_err(other)
}

/// Other flags than the run was begun with would be ignored silently; so they are refused.
fn same_request(args: &PrepArgs, found: &Found) -> Result<(), Stopped> {
    let wanted = &found.subject.wanted;
    let usage = |message: String| (Some(ExitCode::Usage), StepError::failed(message));
    let request =
        Request::parse(&args.add, &args.index).map_err(|error| usage(error.to_string()))?;
    let lower = |pairs: &[(String, String)]| {
        let mut pairs: Vec<_> = pairs
            .iter()
            .map(|(a, b)| (a.to_lowercase(), b.to_lowercase()))
            .collect();
        pairs.sort();
        pairs
    };
    let same = lower(&request.fields) == lower(&wanted.request.fields)
        && lower(&request.indexes) == lower(&wanted.request.indexes);
    if (request.is_empty() && args.mappings.is_none()) || same {
        return Ok(());
    }
    if let Some(path) = &args.mappings
        && std::fs::read_to_string(path).is_ok_and(|text| text == wanted.edited)
    {
        return Ok(());
    }
    let (exit, error) =
        usage("a swap with other columns is under way; its configuration is fixed".to_owned());
    Err((
        exit,
        error
            .hint("run prep without --add, --index and --mappings to go on with it")
            .hint("or abandon it with cleanup and begin again"),
    ))
}

pub(super) fn not_begun(error: NotBegun) -> Stopped {
    match error {
        NotBegun::Usage(error) => (Some(ExitCode::Usage), error),
        NotBegun::Other(error) => (None, error),
    }
}

pub(super) fn not_locked(error: NotLocked) -> Stopped {
    match error {
        NotLocked::Held(error) => (Some(ExitCode::Locked), error),
        NotLocked::Other(error) => (None, error),
    }
}

/// Warnings are said before the first prompt, not only at the end.
pub(super) fn tell_findings(operator: &Operator, report: &Report) {
    for finding in &report.findings {
        let level = match finding.severity {
            crate::finding::Severity::Info => connect_swap_engine::Level::Info,
            _ => connect_swap_engine::Level::Warning,
        };
        let text = format!("{}: {}", finding.code, finding.title);
        operator
            .sink
            .emit(connect_swap_engine::Event::Notice { level, text });
    }
}

fn ready_text(world: &World) -> Section {
    let new = &world.subject.new;
    Section::Pairs(vec![
        (
            "new database".into(),
            format!("{} ({})", new.database, new.attachment),
        ),
        ("new Connect add-on".into(), new.connect.to_string()),
        (
            "state".into(),
            "loaded, verified, waiting for cutover".into(),
        ),
    ])
}
