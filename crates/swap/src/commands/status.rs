//! `status`: where the swap stands, what it waits for, how far it is. Reads only.

use connect_swap_engine::{Replay, StepError};
use connect_swap_heroku::connect::Connection;
use serde_json::json;

use super::finish::{app_state, fail, settle_state, step_report};
use super::gather::gather;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use crate::operator::{Operator, Target};
use crate::plans::{CLEANUP, CUTOVER, PREP, ROLLBACK};
use crate::report::{Report, Section};
use crate::topology::{Found, find_connection};
use crate::words;
use crate::world::state_words;

const COMMAND: &str = "status";

/// Shows the swap under way.
pub async fn status(operator: &Operator, target: &Target) -> Report {
    let mut report = Report::new(COMMAND, target.app.as_str());
    match run(operator, target, &mut report).await {
        Ok(()) => report,
        Err((exit, error)) => fail(report, operator, target, exit, &error).await,
    }
}

async fn run(operator: &Operator, target: &Target, report: &mut Report) -> Result<(), Stopped> {
    let gathered = gather(operator, target, COMMAND).await?;
    let Some(found) = gathered.open_run().map_err(other)? else {
        report.text.push(Section::Lines(vec![
            app_state(&gathered),
            "no swap is under way".to_owned(),
        ]));
        settle_state(report, target, Some(&gathered));
        return Ok(());
    };
    let heroku = operator.heroku.read_only();
    let app = &gathered.app.name;
    let (old, new) = tokio::join!(
        find_connection(&heroku, app, &found.subject.old.connect.name),
        find_connection(&heroku, app, &found.subject.new.connect),
    );
    let (old, new) = (old.map_err(other)?, new.map_err(other)?);
    let at = stage(found).map_err(|error| {
        other(StepError::failed("the journal cannot be believed").because(&error))
    })?;
    report.text.push(Section::Pairs(vec![
        ("app".into(), app_state(&gathered)),
        ("swap".into(), format!("{} ({})", at.word(), found.run.id)),
        ("old connection".into(), connection_words(old.as_ref())),
        ("new connection".into(), connection_words(new.as_ref())),
    ]));
    steps(found, report).map_err(other)?;
    if let Some(new) = &new {
        report.text.push(mappings(new));
    }
    report.details = json!({
        "stage": at.word(),
        "old_connection": old.as_ref().map(summary),
        "new_connection": new.as_ref().map(summary),
        "soaking": at == Stage::Swapped,
    });
    settle_state(report, target, Some(&gathered));
    Ok(())
}

fn connection_words(connection: Option<&Connection>) -> String {
    connection.map_or_else(|| "not there yet".to_owned(), state_words)
}

fn summary(connection: &Connection) -> serde_json::Value {
    let mappings = connection.mappings.iter().map(|mapping| {
        json!({
            "object": mapping.object_name,
            "state": mapping.state.to_string(),
            "rows": mapping.counts.db,
            "salesforce_rows": mapping.counts.sf,
            "pending": mapping.counts.pending,
        })
    });
    json!({
        "resource": connection.resource_name,
        "state": connection.state.to_string(),
        "database": connection.database,
        "mappings": mappings.collect::<Vec<_>>(),
    })
}

/// The steps of the phases begun so far, as the journal has them.
fn steps(found: &Found, report: &mut Report) -> Result<(), StepError> {
    for phase in [PREP, CUTOVER, ROLLBACK, CLEANUP] {
        let replay = Replay::latest(&found.records, phase)
            .map_err(|error| StepError::failed("the journal cannot be believed").because(&error))?;
        if replay.steps.is_empty() {
            continue;
        }
        let steps: Vec<_> = replay
            .steps
            .iter()
            .map(|id| step_report(&replay, id))
            .collect();
        let rows = steps.iter().map(|step| {
            let state = serde_json::to_value(step.state).ok();
            let state = state
                .as_ref()
                .and_then(|value| value.as_str())
                .unwrap_or_default();
            let took = step.seconds.map_or_else(String::new, words::duration);
            vec![step.id.clone(), state.to_owned(), took]
        });
        report.text.push(Section::Heading(format!(
            "{phase}, attempt {}",
            replay.attempt
        )));
        let headers = ["Step", "State", "Took"].map(str::to_owned).to_vec();
        report.text.push(Section::Table {
            headers,
            rows: rows.collect(),
        });
        report.steps.extend(steps);
    }
    Ok(())
}

fn mappings(connection: &Connection) -> Section {
    let number = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let rows = connection.mappings.iter().map(|mapping| {
        vec![
            mapping.object_name.clone(),
            mapping.state.to_string(),
            number(mapping.counts.db),
            number(mapping.counts.sf),
            number(mapping.counts.errors),
        ]
    });
    let headers = ["New mapping", "State", "Rows", "In Salesforce", "Errors"];
    Section::Table {
        headers: headers.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
