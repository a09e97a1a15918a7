//! `status`: where the swap stands, what it waits for, how far it is. Reads only.

use connect_swap_engine::{PhaseState, Replay, StepError};
use connect_swap_heroku::AppName;
use connect_swap_heroku::connect::Connection;
use connect_swap_postgres::Purpose;
use serde_json::json;

use super::capture_view::{self, CaptureView};
use super::finish::{app_state, fail, settle_state, step_report};
use super::gather::{Gathered, gather};
use super::locked::addon_named;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use crate::operator::{Operator, Target};
use crate::plans::{CLEANUP, CUTOVER, PREP, ROLLBACK};
use crate::report::{Report, Section};
use crate::steps::cutover::AppState;
use crate::topology::{Found, find_connection, session_to};
use crate::words;
use crate::world::{application, state_words};

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
        none_found(&gathered, target, report);
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
        other(StepError::unbelievable("the journal cannot be believed").because(&error))
    })?;
    let before = before_window(found);
    let mut pairs = vec![
        ("app".into(), app_state(&gathered)),
        ("swap".into(), format!("{} ({})", at.word(), found.run.id)),
        ("old connection".into(), connection_words(old.as_ref())),
        ("new connection".into(), connection_words(new.as_ref())),
    ];
    let told = before.iter().map(AppState::words);
    pairs.extend(told.map(|words| ("before the window".into(), words)));
    report.text.push(Section::Pairs(pairs));
    let capture = capture(operator, &gathered, found, at).await;
    match &capture {
        Some(Ok(view)) => report.text.extend(view.sections()),
        Some(Err(error)) => report.text.push(Section::Lines(vec![
            "how much waits to be brought over is not known:".to_owned(),
            words_of(error),
        ])),
        None => {}
    }
    steps(found, report).map_err(other)?;
    silent(&gathered, report);
    if let Some(new) = &new {
        report.text.push(mappings(new));
    }
    report.details = json!({
        "stage": at.word(),
        "before_window": before.map(|state| json!({ "formation": state.formation, "maintenance": state.maintenance })),
        "old_connection": old.as_ref().map(summary),
        "new_connection": new.as_ref().map(summary),
        "soaking": at == Stage::Swapped,
        "capture": capture.map(|capture| match capture {
            Ok(view) => json!(view),
            Err(error) => json!({ "error": words_of(&error) }),
        }),
        "silent": gathered.silent,
    });
    settle_state(report, target, Some(&gathered));
    Ok(())
}

/// What the app ran with before the cutover that is under way: who must put it back by hand asks for it.
fn before_window(found: &Found) -> Option<AppState> {
    let cutover = Replay::latest(&found.records, CUTOVER).ok()?;
    if cutover.state != PhaseState::Open {
        return None;
    }
    cutover.outputs(&found.records).find("record-state").ok()?
}

/// The journals stand in the app's databases: where one does not answer, none may be known of.
fn none_found(gathered: &Gathered, target: &Target, report: &mut Report) {
    let told = match gathered.silent.is_empty() {
        true => "no swap is under way",
        false => {
            "whether a swap is under way is not known: its journal stands in a database of the app"
        }
    };
    report
        .text
        .push(Section::Lines(vec![app_state(gathered), told.to_owned()]));
    silent(gathered, report);
    report.details = json!({ "silent": gathered.silent });
    settle_state(report, target, Some(gathered));
    if !gathered.silent.is_empty() {
        report.state = "unknown".to_owned();
        report.next = again(&target.app);
    }
}

fn again(app: &AppName) -> String {
    format!("heroku connect:swap:status -a {app}   # once the database answers")
}

fn silent(gathered: &Gathered, report: &mut Report) {
    if gathered.silent.is_empty() {
        return;
    }
    let heading = "databases that did not answer".to_owned();
    report.text.push(Section::Heading(heading));
    report.text.push(Section::Lines(gathered.silent.clone()));
}

/// The capture, where the swap still needs it; its own failure does not hide the rest.
async fn capture(
    operator: &Operator,
    gathered: &Gathered,
    found: &Found,
    at: Stage,
) -> Option<Result<CaptureView, StepError>> {
    if matches!(
        at,
        Stage::Promoted | Stage::Swapped | Stage::CleaningUp | Stage::Closed
    ) {
        return None;
    }
    let looking = async {
        let old = addon_named(gathered, found.subject.old.database.name.as_str())?;
        let session = session_to(
            old,
            &gathered.attachments,
            &gathered.vars,
            Purpose::ReadOnly,
            &application(COMMAND, &operator.identity),
        )
        .await?;
        capture_view::look(&session).await
    };
    looking.await.transpose()
}

fn words_of(error: &StepError) -> String {
    let words = std::iter::once(&error.message).chain(&error.causes);
    words.cloned().collect::<Vec<_>>().join(": ")
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
        let replay = Replay::latest(&found.records, phase).map_err(|error| {
            StepError::unbelievable("the journal cannot be believed").because(&error)
        })?;
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
