//! `cutover`: moves the app to the new pair in a short window.

use connect_swap_engine::{Ending, ErrorKind, Event, Level, Replay, Runner, Start, StepError};
use connect_swap_heroku::AddonId;
use connect_swap_postgres::{Purpose, extensions, server_info};
use serde_json::{Value, json};

use super::adopt::{Manner, adopt};
use super::finish::{fail, finish, settle_state};
use super::gather::{Gathered, gather};
use super::locked::{addon_named, lock_in};
use super::preflight::{block, passes};
use super::prep::{not_locked, tell_findings};
use super::snapshot::take;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use super::window;
use crate::downtime::forecast::forecast;
use crate::downtime::{Estimate, compared, forecast_lines};
use crate::exit::ExitCode;
use crate::finding::Finding;
use crate::findings::{Phase, new_database};
use crate::operator::{CutoverArgs, Operator};
use crate::plans;
use crate::report::{Report, Section};
use crate::steps::cutover::AppState;
use crate::steps::shared::behind::Behind;
use crate::topology::{Found, OtherConnections, Snapshot, session_to};
use crate::trouble::During;
use crate::words;
use crate::world::{Budget, World, application};

const COMMAND: &str = "cutover";

/// Runs cutover, or goes on with one that was begun.
pub async fn cutover(operator: &Operator, args: &CutoverArgs) -> Report {
    let mut report = Report::new(COMMAND, args.target.app.as_str());
    if let Err((exit, error)) = run(operator, args, &mut report).await {
        report = fail(report, operator, &args.target, exit, &error).await;
    }
    report.next = super::next::of_cutover(&report.next, args);
    report
}

async fn run(operator: &Operator, args: &CutoverArgs, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, &args.target, COMMAND).await?;
    let found = gathered.required_run().map_err(other)?;
    let at = stage(found).map_err(|error| {
        other(StepError::unbelievable("the journal cannot be believed").because(&error))
    })?;
    may_begin(at, gathered.app.name.as_str()).map_err(other)?;
    let holder = addon_named(&gathered, found.held_by.as_str()).map_err(other)?;
    let lock = lock_in(operator, &gathered, holder, COMMAND)
        .await
        .map_err(not_locked)?;
    let mut manner = Manner {
        pace: args.pace,
        max_downtime: args.max_downtime,
        refresh_in_window: args.refresh_in_window,
        ..Manner::default()
    };
    // Inside the window the findings are those of a stopped app: only its beginning is checked.
    if at == Stage::Ready {
        let Some(passed) = check(operator, args, &gathered, found, report).await? else {
            return Ok(());
        };
        manner.estimate = Some(passed.expected);
        manner.accepted = Some(passed.behind);
        manner.others = Some(passed.others);
    } else {
        manner.estimate = shown_before(found);
    }
    let held_by: AddonId = holder.id.clone();
    let world = adopt(operator, COMMAND, found, held_by, lock, manner)
        .await
        .map_err(other)?;
    run_plan(operator, args, &world, report).await
}

/// Whether the new pair is ready, or past that.
///
/// # Errors
/// When prep has not ended, or the swap is on its way back or over.
pub(super) fn may_begin(at: Stage, app: &str) -> Result<(), StepError> {
    let refused =
        |message: &str| Err(StepError::blocked(message).hint(super::next::line(app, Some(at))));
    match at {
        Stage::Ready | Stage::CuttingOver | Stage::Promoted | Stage::Swapped => Ok(()),
        Stage::Preparing => refused("prep has not ended: the new pair is not ready"),
        Stage::RollingBack => refused("a rollback is under way; let it end first"),
        Stage::CleaningUp | Stage::Closed => refused("this swap is over"),
    }
}

/// What the preflight tells the window.
struct Passed {
    expected: Estimate,
    /// What the operator lets stay behind.
    behind: Behind,
    /// Other connections on the old database that the operator has accepted.
    others: OtherConnections,
}

/// Whether the window may open; nothing where findings stand in the way.
async fn check(
    operator: &Operator,
    args: &CutoverArgs,
    gathered: &Gathered,
    found: &Found,
    report: &mut Report,
) -> Result<Option<Passed>, Stopped> {
    let snapshot = take(operator, gathered, &found.subject, COMMAND)
        .await
        .map_err(other)?;
    let extra = inside_new(operator, gathered, &snapshot, &args.acks)
        .await
        .map_err(other)?;
    let expected = forecast(&snapshot, &found.records);
    report.downtime_estimate = Some(expected.clone());
    if !passes(report, &snapshot, Phase::Cutover, &args.acks, extra) {
        block(
            report,
            &args.acks,
            "nothing was changed; the app runs on the old pair",
        );
        settle_state(report, &args.target, Some(gathered));
        return Ok(None);
    }
    tell_findings(operator, report);
    for text in forecast_lines(&expected) {
        let level = Level::Info;
        operator.sink.emit(Event::Notice { level, text });
    }
    if let Some(budget) = args.max_downtime
        && expected.low > budget.as_secs_f64()
    {
        let error = StepError::blocked(format!(
            "the window is expected to last {}, more than --max-downtime {}",
            words::range(expected.low, expected.high),
            words::duration(budget.as_secs_f64())
        ))
        .hint("choose a larger --max-downtime");
        return Err(other(error));
    }
    Ok(Some(Passed {
        expected,
        behind: Behind::accepted(&snapshot, &args.acks),
        others: snapshot.others,
    }))
}

/// The estimate that the operator was shown before the window that this run goes on with.
fn shown_before(found: &Found) -> Option<Estimate> {
    let cutover = Replay::latest(&found.records, plans::CUTOVER).ok()?;
    let recorded = cutover
        .outputs(&found.records)
        .find::<AppState>("record-state");
    recorded.ok().flatten()?.expected
}

/// What only a look into the new database tells: version, encoding, collation, extensions.
async fn inside_new(
    operator: &Operator,
    gathered: &Gathered,
    snapshot: &Snapshot,
    acks: &[String],
) -> Result<Vec<Finding>, StepError> {
    let Some(addon) = &snapshot.new.database else {
        return Ok(Vec::new());
    };
    let name = application(COMMAND, &operator.identity);
    let session = session_to(
        addon,
        &gathered.attachments,
        &gathered.vars,
        Purpose::ReadOnly,
        &name,
    )
    .await?;
    let server = server_info(&session)
        .await
        .during("reading the new database's version")?;
    let installed = extensions(&session)
        .await
        .during("reading the new database's extensions")?;
    Ok(new_database(snapshot, &server, &installed, acks))
}

async fn run_plan(
    operator: &Operator,
    args: &CutoverArgs,
    world: &World,
    report: &mut Report,
) -> Result<(), Stopped> {
    let plan = plans::cutover()
        .map_err(|error| other(StepError::failed("the plan is broken").because(&error)))?;
    let runner = Runner {
        plan: &plan,
        world,
        journal: world.journal.as_ref(),
        gate: operator.gate.as_ref(),
        sink: operator.sink.as_ref(),
        clock: operator.clock.as_ref(),
        control: &operator.control,
        bound: Some(&Budget),
        injection: &operator.injection,
        by: by(operator, args),
        start: Start::Resume,
    };
    window::announce(operator, world).await.map_err(other)?;
    let ending = told(runner.run().await, world.subject.app.as_str());
    finish(report, operator, &args.target, world, &plan, &ending).await;
    if report.exit == ExitCode::Ok {
        report.text.push(done_text(world, report));
    }
    if let Some(seconds) = report.downtime_seconds {
        let heading = "how long users were turned away";
        report.text.push(Section::Heading(heading.into()));
        let (phases, expected) = (&report.downtime_phases, report.downtime_estimate.as_ref());
        report.text.push(compared(seconds, phases, expected));
    }
    Ok(())
}

/// Who runs it, and with which bound: for the reader of the journal.
fn by(operator: &Operator, args: &CutoverArgs) -> Value {
    let mut by = json!(operator.identity);
    if let Some(budget) = args.max_downtime {
        by["max_downtime_seconds"] = json!(budget.as_secs());
    }
    by
}

/// The ending in this command's terms.
///
/// Where the operator declines the window before it opens, there was nothing to go back from: what
/// was taken back is this tool's own work in the new database.
fn told(ending: Ending, app: &str) -> Ending {
    match ending {
        Ending::RolledBack { step, error }
            if error.kind == ErrorKind::Declined && step == "maintenance-on" =>
        {
            Ending::NoConsent {
                step: Some(step),
                missing: vec![error.message],
            }
        }
        Ending::Drifted { step, error } if step == "promote" => Ending::Drifted {
            step,
            error: error
                .hint("somebody has moved DATABASE since, and the app has run on the new database")
                .hint("give DATABASE back to it with heroku pg:promote, then run the same command"),
        },
        Ending::Stuck {
            step,
            error,
            by_hand,
        } if step == "promote" && error.kind == ErrorKind::Drifted => Ending::Stuck {
            step,
            error: error
                .hint("somebody has moved DATABASE since; the way back puts the rest back too")
                .hint(format!("heroku connect:swap:rollback -a {app}")),
            by_hand,
        },
        other => other,
    }
}

fn done_text(world: &World, report: &Report) -> Section {
    let subject = &world.subject;
    let mut pairs = vec![
        (
            "database".into(),
            format!("{} is DATABASE now", subject.new.database),
        ),
        (
            "Connect add-on".into(),
            format!("{} syncs it", subject.new.connect),
        ),
        (
            "old pair".into(),
            format!(
                "{} and {} are kept, paused and read-only",
                subject.old.database.name, subject.old.connect.name
            ),
        ),
    ];
    if let Some(seconds) = report.downtime_seconds {
        let expected = report
            .downtime_estimate
            .as_ref()
            .map_or_else(String::new, |expected| {
                format!(" (expected {})", words::range(expected.low, expected.high))
            });
        pairs.push((
            "downtime".into(),
            format!("{}{expected}", words::duration(seconds)),
        ));
    }
    Section::Pairs(pairs)
}
