//! `report`: the journal of a swap as one document: who did what when, with which consent.

use connect_swap_engine::{Entry, StepError};
use serde_json::json;

use super::finish::{fail, settle_state};
use super::gather::gather;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use crate::operator::{Operator, Target};
use crate::report::{Report, Section};

const COMMAND: &str = "report";

/// Shows the journal of the newest swap. Reads only.
pub async fn report(operator: &Operator, target: &Target) -> Report {
    let mut report = Report::new(COMMAND, target.app.as_str());
    match run(operator, target, &mut report).await {
        Ok(()) => report,
        Err((exit, error)) => fail(report, operator, target, exit, &error).await,
    }
}

async fn run(operator: &Operator, target: &Target, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, target, COMMAND).await?;
    let found = match gathered.open_run().map_err(other)? {
        Some(found) => found,
        None => gathered.runs.first().ok_or_else(|| {
            other(StepError::blocked(format!(
                "{} has no swap to report on",
                gathered.app.name
            )))
        })?,
    };
    report.run = Some(found.run.id.to_string());
    let at = stage(found).ok();
    let subject = &found.subject;
    let asked = subject.wanted.request.fields.iter();
    let asked: Vec<_> = asked
        .map(|(object, field)| format!("{object}.{field}"))
        .collect();
    report.text.push(Section::Pairs(vec![
        ("swap".into(), found.run.id.to_string()),
        (
            "state".into(),
            at.map_or("not readable", Stage::word).to_owned(),
        ),
        ("app".into(), subject.app.to_string()),
        ("begun".into(), found.run.created_at.to_string()),
        ("columns added".into(), asked.join(", ")),
        (
            "old pair".into(),
            format!(
                "{}, {}",
                subject.old.database.name, subject.old.connect.name
            ),
        ),
        (
            "new pair".into(),
            format!("{}, {}", subject.new.database, subject.new.connect),
        ),
    ]));
    let rows = found.records.iter().map(|record| {
        let of = &record.record;
        vec![
            of.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            format!("{} {}", of.phase, of.attempt),
            words(&of.entry),
        ]
    });
    let headers = ["At (UTC)", "Phase", "What"].map(str::to_owned).to_vec();
    report.text.push(Section::Table {
        headers,
        rows: rows.collect(),
    });
    report.details = json!({ "subject": subject, "journal": found.records });
    settle_state(report, target, Some(&gathered));
    Ok(())
}

fn words(entry: &Entry) -> String {
    match entry {
        Entry::PhaseStarted { by, .. } => {
            let text = |name: &str| {
                by.get(name)
                    .and_then(|v| v.as_str())
                    .unwrap_or("?")
                    .to_owned()
            };
            format!("begun or taken up by {}@{}", text("user"), text("host"))
        }
        Entry::Consent { step, answer } => match answer {
            connect_swap_engine::Answer::Given { how } => format!("consent to {step} by {how}"),
            connect_swap_engine::Answer::Declined { why } => format!("{step} declined: {why}"),
            connect_swap_engine::Answer::Interrupted => {
                format!("{step}: interrupted at the prompt")
            }
        },
        Entry::Intent { step } => format!("{step} begins"),
        Entry::Applied {
            step, found: true, ..
        } => format!("{step} was done already"),
        Entry::Applied { step, .. } => format!("{step} done"),
        Entry::Failed { step, error } => format!("{step} failed: {error}"),
        Entry::UndoIntent { step } => format!("{step} is being undone"),
        Entry::Undone { step } => format!("{step} undone"),
        Entry::UndoFailed { step, error } => format!("{step} could not be undone: {error}"),
        Entry::PhaseEnded { outcome } => match outcome {
            connect_swap_engine::PhaseOutcome::Done => "ended: done".to_owned(),
            connect_swap_engine::PhaseOutcome::RolledBack => "ended: rolled back".to_owned(),
        },
        Entry::Note { text } => text.clone(),
    }
}
