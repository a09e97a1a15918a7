//! Turns the ending of a plan into the command's report.

use connect_swap_engine::{Ending, ErrorKind, Journal, Plan, Replay, StepError, StepReport};
use connect_swap_heroku::platform::Addon;

use super::gather::{Gathered, gather};
use super::next;
use super::stage::{Stage, stage};
use crate::downtime::downtime;
use crate::exit::ExitCode;
use crate::operator::{Operator, Target};
use crate::plans::{CUTOVER, ROLLBACK};
use crate::report::{Problem, Report, exit_of_ending, exit_of_error};
use crate::topology::Found;
use crate::world::{DATABASE, World};

/// Ends a report with what came of a plan.
pub(super) async fn finish(
    report: &mut Report,
    operator: &Operator,
    target: &Target,
    world: &World,
    plan: &Plan<World>,
    ending: &Ending,
) {
    report.run = Some(world.run.to_string());
    report.exit = exit_of_ending(ending);
    if let Ok(records) = world.journal.records().await
        && let Ok(replay) = Replay::latest(&records, plan.phase())
    {
        report.steps = plan
            .steps()
            .iter()
            .map(|step| step_report(&replay, step.id()))
            .collect();
        let outputs = replay.outputs(&records);
        let of_window = [CUTOVER, ROLLBACK].contains(&plan.phase());
        let window = downtime(&records, operator.clock.now());
        if let Some(window) = window.filter(|window| of_window && window.closed) {
            report.downtime_seconds = Some(window.seconds);
            report.downtime_phases = window.phases;
        }
        report.verification = outputs.raw("compare-rows").cloned();
    }
    if report.downtime_estimate.is_none() {
        report.downtime_estimate.clone_from(&world.estimate);
    }
    report.error = problem(ending);
    let now = gather(operator, target, &report.command).await;
    settle_state(report, target, now.as_ref().ok());
}

/// Ends a report that never came to a plan.
pub(super) async fn fail(
    mut report: Report,
    operator: &Operator,
    target: &Target,
    exit: Option<ExitCode>,
    error: &StepError,
) -> Report {
    let exit = exit.unwrap_or_else(|| exit_of_error(error));
    report = report.failed(exit, error, "");
    // Where the first look already failed, a second one would only say the same again.
    let now = match error.kind {
        connect_swap_engine::ErrorKind::NeedsLogin => None,
        _ => gather(operator, target, &report.command).await.ok(),
    };
    settle_state(&mut report, target, now.as_ref());
    report
}

/// Says in one word and in one line where app and swap stand.
pub(super) fn settle_state(report: &mut Report, target: &Target, now: Option<&Gathered>) {
    let found = now.and_then(|now| now.open_run().ok().flatten());
    let at = found.and_then(|found| stage(found).ok());
    if let Some(found) = found {
        report.run.get_or_insert_with(|| found.run.id.to_string());
    }
    if now.is_some() {
        let closed = at.is_none() && report.run.is_some();
        report.state = at
            .map_or(if closed { "closed" } else { "none" }, Stage::word)
            .to_owned();
    } else {
        report.state = "unknown".to_owned();
    }
    let app = target.app.as_str();
    report.next = match report.exit {
        // Right after the switch the old pair is not yet to be destroyed.
        ExitCode::Ok if report.command == "cutover" => {
            format!("heroku connect:swap:verify -a {app}")
        }
        // What was refused because of where the swap stands: the command that fits there.
        ExitCode::Ok | ExitCode::Blocked => next::line(app, at),
        _ => again(report, target),
    };
    report.next = next::of_target(&report.next, target);
    if report.exit == ExitCode::NoConsent
        && let (Some(error), Some(now), Some(found)) = (&mut report.error, now, found)
    {
        error.hints.extend(billed(now, found));
    }
    if let Some(error) = &mut report.error
        && error.app_state.is_empty()
    {
        error.app_state = now.map_or_else(
            || "not known: Heroku or a database could not be asked".to_owned(),
            app_state,
        );
    }
}

/// What was made for a swap before somebody thought better of it, and how to be rid of it.
fn billed(now: &Gathered, found: &Found) -> Option<String> {
    if stage(found).ok() != Some(Stage::Preparing) {
        return None;
    }
    let new = &found.subject.new;
    let is_new = |addon: &&Addon| addon.name == new.database || addon.name == new.connect;
    let names: Vec<_> = now
        .addons
        .iter()
        .filter(is_new)
        .map(|addon| addon.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "billed already: {}; heroku connect:swap:cleanup -a {} gives up what was made",
            names.join(" and "),
            now.app.name
        )
    })
}

/// After an error the same command is what goes on, unless it can only be looked at.
fn again(report: &Report, target: &Target) -> String {
    let app = &target.app;
    match (report.command.as_str(), report.exit) {
        ("list" | "status" | "report" | "verify", _) | (_, ExitCode::Locked) => {
            format!("heroku connect:swap:status -a {app}")
        }
        (command, ExitCode::RolledBack) => {
            format!("heroku connect:swap:{command} -a {app}   # once the cause is mended")
        }
        (command, _) => format!("heroku connect:swap:{command} -a {app}"),
    }
}

/// `demo is on postgresql-old-1234, maintenance off`.
pub(super) fn app_state(now: &Gathered) -> String {
    let holder = now
        .attachments
        .iter()
        .find(|a| a.name == *DATABASE && a.namespace.is_none());
    let database = holder.map_or_else(
        || "has no DATABASE attachment".to_owned(),
        |attachment| format!("is on database {}", attachment.addon.name),
    );
    let maintenance = if now.app.maintenance { "on" } else { "off" };
    format!(
        "{} {database}, maintenance mode is {maintenance}",
        now.app.name
    )
}

/// One step of a plan as its journal tells it.
pub(super) fn step_report(replay: &Replay, id: &str) -> StepReport {
    let times = replay.times(id);
    let seconds = times.started_at.zip(times.finished_at);
    StepReport {
        id: id.to_owned(),
        state: replay.status(id).state(),
        started_at: times.started_at,
        finished_at: times.finished_at,
        seconds: seconds.map(|(from, to)| to.duration_since(from).as_secs_f64()),
    }
}

fn problem(ending: &Ending) -> Option<Problem> {
    let (error, by_hand, prefix) = match ending {
        Ending::Done => return None,
        Ending::NoConsent { step, missing } => {
            let message = match step {
                None => "consent is needed, and there is no terminal to ask at".to_owned(),
                Some(step) => format!("stopped before {step}: {}", missing.join(" ")),
            };
            let hints = match step {
                None => vec![format!("add {}", missing.join(" "))],
                Some(_) => vec!["nothing more was changed; run the same command to go on".into()],
            };
            return Some(Problem {
                message,
                causes: Vec::new(),
                app_state: String::new(),
                hints,
                by_hand: Vec::new(),
            });
        }
        Ending::Paused { step, error } if error.kind == ErrorKind::Mismatch => {
            (error, Vec::new(), format!("a difference at {step}: "))
        }
        Ending::Paused { step, error } => (error, Vec::new(), format!("paused at {step}: ")),
        Ending::Blocked { step, error } => (error, Vec::new(), format!("blocked at {step}: ")),
        Ending::Drifted { step, error } => (
            error,
            Vec::new(),
            format!("the world has changed ({step}): "),
        ),
        Ending::RolledBack { step, error } => (
            error,
            Vec::new(),
            format!("rolled back because of {step}: "),
        ),
        Ending::Stuck {
            step,
            error,
            by_hand,
        } => (error, by_hand.clone(), format!("stuck at {step}: ")),
        Ending::Journal { error, by_hand } => (error, by_hand.clone(), String::new()),
    };
    Some(Problem {
        message: format!("{prefix}{}", error.message),
        causes: error.causes.clone(),
        app_state: String::new(),
        hints: error.hints.clone(),
        by_hand,
    })
}
