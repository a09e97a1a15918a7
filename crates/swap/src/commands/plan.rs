//! `plan`: what prep and cutover would do, what stands in the way, and what it costs. Reads only.

use connect_swap_engine::{Plan, StepError, StepReport, StepState};
use serde_json::json;
use uuid::Uuid;

use super::adopt::{Manner, fresh_world};
use super::begin::begin;
use super::finish::{fail, settle_state};
use super::gather::gather;
use super::inventory_table::inventory;
use super::next;
use super::preflight::passes;
use super::prep::not_begun;
use super::snapshot::take;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use crate::downtime::{forecast::forecast, forecast_table};
use crate::exit::ExitCode;
use crate::findings::Phase;
use crate::operator::{Operator, PrepArgs};
use crate::plans;
use crate::report::{Report, Section};
use crate::topology::{Found, Subject};
use crate::world::World;

const COMMAND: &str = "plan";

/// The heading above the inventory of the old database, the last section of the text.
pub const INVENTORY: &str = "what Connect does not own";

/// Plans a new swap, or shows what is left of the one under way.
pub async fn plan(operator: &Operator, args: &PrepArgs) -> Report {
    let mut report = Report::new(COMMAND, args.target.app.as_str());
    match run(operator, args, &mut report).await {
        Ok(()) => report,
        Err((exit, error)) => fail(report, operator, &args.target, exit, &error).await,
    }
}

async fn run(operator: &Operator, args: &PrepArgs, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, &args.target, COMMAND).await?;
    let open = gathered.open_run().map_err(other)?;
    let (subject, phase) = match open {
        Some(found) => (found.subject.clone(), phase_of(found)),
        None => {
            let run = Uuid::now_v7();
            let subject = begin(operator, &gathered, args, run, COMMAND)
                .await
                .map_err(not_begun)?;
            (subject, Phase::Prep)
        }
    };
    let snapshot = take(operator, &gathered, &subject, COMMAND)
        .await
        .map_err(other)?;
    let free = passes(report, &snapshot, phase, &args.acks, Vec::new());
    let records = open.map_or(&[][..], |found| &found.records);
    let expected = forecast(&snapshot, records);
    report.downtime_estimate = Some(expected.clone());
    let run = open.map_or_else(Uuid::now_v7, |found| found.run.id);
    let manner = Manner {
        database_price: snapshot.database_price.clone(),
        connect_price: snapshot.connect_price.clone(),
        estimate: Some(expected.clone()),
        ..Manner::default()
    };
    let world = fresh_world(operator, COMMAND, run, subject, None, manner);
    let broken = |error: connect_swap_engine::PlanError| {
        other(StepError::failed("the plan is broken").because(&error))
    };
    let (prep, cutover) = (
        plans::prep().map_err(broken)?,
        plans::cutover().map_err(broken)?,
    );
    report
        .text
        .push(acting(&gathered.account.email, &world.subject));
    report
        .text
        .push(Section::Heading("prep, while the app runs".into()));
    report.text.push(steps(&prep, &world));
    report
        .text
        .push(Section::Heading("cutover, in the window".into()));
    report.text.push(steps(&cutover, &world));
    report
        .text
        .push(Section::Heading("how long users are turned away".into()));
    report.text.push(forecast_table(&expected));
    report.text.push(Section::Heading(INVENTORY.into()));
    report.text.push(inventory(&snapshot.database));
    report.steps = prep
        .steps()
        .iter()
        .chain(cutover.steps())
        .map(|s| pending(s.id()))
        .collect();
    report.details = json!({
        "account": gathered.account.email,
        "subject": world.subject,
        "inventory": snapshot.database.inventory,
        "copied_whole": snapshot.database.copied_whole,
        "large_objects": snapshot.database.large_objects,
    });
    if !free {
        report.exit = ExitCode::Blocked;
    }
    settle_state(report, &args.target, Some(&gathered));
    if free && open.is_none() {
        report.next = next::prep_line(args);
    }
    Ok(())
}

fn phase_of(found: &Found) -> Phase {
    match stage(found) {
        Ok(Stage::Preparing) => Phase::Prep,
        _ => Phase::Cutover,
    }
}

fn acting(account: &str, subject: &Subject) -> Section {
    let old = &subject.old;
    Section::Pairs(vec![
        ("acting as".into(), account.to_owned()),
        ("app".into(), subject.app.to_string()),
        (
            "old database".into(),
            format!("{} ({})", old.database.name, old.database.plan),
        ),
        (
            "old Connect add-on".into(),
            format!("{} ({})", old.connect.name, old.connect.plan),
        ),
        (
            "Salesforce organisation".into(),
            old.organization_id.clone(),
        ),
        (
            "new database".into(),
            format!("{} as {}", subject.database_plan, subject.new.attachment),
        ),
    ])
}

fn steps(plan: &Plan<World>, world: &World) -> Section {
    let rows = plan.steps().iter().enumerate().map(|(index, step)| {
        let description = step.describe(world);
        let effect = serde_json::to_value(step.effect()).ok();
        let effect = effect
            .as_ref()
            .and_then(|value| value.as_str())
            .unwrap_or_default();
        vec![
            (index + 1).to_string(),
            description.what,
            effect.to_owned(),
            description.takes,
        ]
    });
    let headers = ["", "Step", "Effect", "Takes"].map(str::to_owned).to_vec();
    Section::Table {
        headers,
        rows: rows.collect(),
    }
}

fn pending(id: &str) -> StepReport {
    StepReport {
        id: id.to_owned(),
        state: StepState::Pending,
        started_at: None,
        finished_at: None,
        seconds: None,
    }
}
