//! `rehearse`: the whole swap, with the real prompts, against servers on this machine.

use std::sync::Arc;

use connect_swap_engine::{Event, Level};
use connect_swap_heroku::{AppName, AttachmentName};
use connect_swap_swap::{
    Browser, CutoverArgs, ExitCode, Overrides, PrepArgs, Problem, Report, Section, Target, commands,
};

use super::column::unmapped;
use super::environment::{add_environment, keep};
use super::login::Allowing;
use super::proof::Proof;
use super::start::{APP, Stage, refuse_target, start};
use super::time::SandboxTime;
use crate::args::{Global, Rehearse};
use crate::browser::SystemBrowser;
use crate::commands::{Command, Workplace, pace, workplace};
use crate::env::{self, Environment};
use crate::error::{CliError, RehearsalError};
use crate::frame::Frame;
use crate::signals::{Ending, Stopping};

const COMMAND: Command = Command {
    name: "rehearse",
    read_only: false,
};

/// What stands on Connect's dashboard alone: a rehearsal has no dashboard, so there is nothing to
/// carry over.
const NO_DASHBOARD: &str = "manual-settings";

/// Plays the swap and returns the exit code: 0 only if everything was proven.
pub(crate) async fn rehearse(global: Global, args: Rehearse) -> i32 {
    let stage = {
        let frame = Frame::new(&global, 1.0);
        frame
            .ui
            .say("starting servers that play Heroku, Connect and Salesforce on this machine");
        let started = match refuse_target(&global) {
            Ok(()) => start(&args.world).await.map_err(CliError::from),
            Err(error) => Err(error),
        };
        match started {
            Ok(stage) => stage,
            Err(error) => return frame.finish(&error.report(COMMAND.name, APP, &again()), None),
        }
    };
    let clock = Arc::new(SandboxTime(stage.sandbox.clock().clone()));
    let frame = Frame::on_clock(&global, clock);
    let listener = frame.listen(Stopping::AfterTheStep);
    frame.start_ticking();
    let place = match prepare(&frame, &global, &stage) {
        Ok(place) => place,
        Err(error) => return frame.finish(&error.report(COMMAND.name, APP, &again()), None),
    };
    let mut report = play(&frame, &place, &stage, &global, &args).await;
    // A program may end what is kept as soon as it has read the result.
    let ending = args.keep.then(Ending::from_now_on);
    drop(listener);
    if args.keep {
        add_environment(&mut report, &stage.sandbox);
    }
    let code = frame.finish(&report, place.log().as_deref());
    if let Some(ending) = ending {
        keep(&frame, ending).await;
    }
    code
}

fn again() -> String {
    crate::args::command_line(Some(COMMAND.name), "")
}

/// An operator of the sandbox's app.
fn prepare(frame: &Frame, global: &Global, stage: &Stage) -> Result<Workplace, CliError> {
    let sandbox: std::collections::BTreeMap<String, String> =
        stage.sandbox.environment().into_iter().collect();
    let environment =
        Environment::read(|name| sandbox.get(name).cloned().or_else(|| env::process(name)))?;
    let browser: Arc<dyn Browser> = match global.yes {
        true => Arc::new(Allowing::new().map_err(RehearsalError::Login)?),
        false => Arc::new(SystemBrowser::new(environment.browser.clone())),
    };
    workplace(frame, global, environment, &app()?, COMMAND, browser)
}

fn app() -> Result<AppName, CliError> {
    AppName::try_from(APP).map_err(|_| CliError::NoApp)
}

/// Inventory, prep, cutover, verification, proof.
async fn play(
    frame: &Frame,
    place: &Workplace,
    stage: &Stage,
    global: &Global,
    args: &Rehearse,
) -> Report {
    let operator = &place.operator;
    let added = match args.add.is_empty() {
        false => args.add.clone(),
        true => unmapped(&stage.sandbox, &stage.export)
            .into_iter()
            .collect(),
    };
    operator.sink.emit(Event::Notice {
        level: Level::Info,
        text: format!(
            "the app {APP} writes all the time; adding {}",
            added.join(" and ")
        ),
    });
    let Ok(target) = app().map(|app| Target {
        app,
        resource: None,
    }) else {
        return CliError::NoApp.report(COMMAND.name, APP, &again());
    };
    let acks = [global.ack.clone(), vec![NO_DASHBOARD.to_owned()]].concat();
    let pace = pace(global);
    let prep = PrepArgs {
        target: target.clone(),
        add: added.clone(),
        index: Vec::new(),
        mappings: None,
        attach_as: default_attachment(),
        plan: None,
        overrides: Overrides::default(),
        acks: acks.clone(),
        pace,
        picker: None,
    };
    let planned = commands::plan(operator, &prep).await;
    if planned.exit != ExitCode::Ok {
        return ended(planned);
    }
    frame.interim(&inventory_alone(planned));
    let prepared = commands::prep(operator, &prep).await;
    if prepared.exit != ExitCode::Ok {
        return ended(prepared);
    }
    frame.interim(&prepared);
    let cutover = CutoverArgs {
        target: target.clone(),
        acks,
        max_downtime: None,
        refresh_in_window: false,
        pace,
    };
    let swapped = commands::cutover(operator, &cutover).await;
    if swapped.exit != ExitCode::Ok {
        return ended(swapped);
    }
    let verified = commands::verify(operator, &target).await;
    if verified.exit != ExitCode::Ok {
        return ended(verified);
    }
    frame.interim(&verified);
    prove(stage, &added, swapped).await
}

/// Of a plan what prep does not show again.
fn inventory_alone(planned: Report) -> Report {
    let heading = |section: &Section| matches!(section, Section::Heading(text) if text == commands::INVENTORY);
    let text = planned
        .text
        .into_iter()
        .skip_while(|section| !heading(section));
    Report {
        text: text.collect(),
        findings: Vec::new(),
        ..planned
    }
}

fn default_attachment() -> AttachmentName {
    AttachmentName::try_from("NEW_DATABASE").expect("the name is a constant of this file")
}

/// A rehearsal that ended early ends as the command did in which it ended. Its servers end with
/// it, so there is nothing to go on with.
fn ended(report: Report) -> Report {
    Report {
        command: COMMAND.name.to_owned(),
        next: again(),
        ..report
    }
}

async fn prove(stage: &Stage, added: &[String], swapped: Report) -> Report {
    let proof = match Proof::gather(stage, added, swapped.downtime_seconds).await {
        Ok(proof) => proof,
        Err(error) => return CliError::from(error).report(COMMAND.name, APP, &again()),
    };
    let mut report = Report {
        command: COMMAND.name.to_owned(),
        details: proof.document(),
        next: crate::args::command_line(Some("plan"), "--app example-app --add Account.Industry"),
        ..swapped
    };
    report.text.extend(proof.sections());
    if !proof.holds() {
        report.exit = ExitCode::Mismatch;
        report.error = Some(Problem {
            message: "the rehearsal's audit does not agree with what the tool reported".to_owned(),
            causes: proof.objections(),
            app_state: "the rehearsal's app is on its new pair".to_owned(),
            hints: vec!["do not run a cutover with this version; keep the log".to_owned()],
            by_hand: Vec::new(),
        });
    }
    report
}
