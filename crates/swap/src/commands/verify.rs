//! `verify`: proves, at any time and read-only, that the new pair is what it should be.
//!
//! Before the cutover rows are not compared: they are copied in the window. Once the app has run
//! on the new database its rows are its own; definitions, configuration and targets still hold,
//! and the proof recorded at the switch is shown.

use connect_swap_engine::{ErrorKind, Replay, Status, StepError};
use connect_swap_postgres::{
    CompareOptions, DatabaseUrl, Forced, Inventory, Part, Purpose, Session, compare_definitions,
    compare_large_objects, compare_rows, compare_sequences,
};
use serde_json::{Value, json};

use super::finish::{fail, settle_state};
use super::gather::{Gathered, gather};
use super::locked::addon_named;
use super::stage::{Stage, stage};
use super::stopped::{Stopped, other};
use crate::configuration::{Document, compare};
use crate::operator::{Operator, Target};
use crate::plans::CUTOVER;
use crate::report::{Report, Section};
use crate::steps::cutover::Proof;
use crate::steps::words_of;
use crate::topology::{
    Found, attachments_of, config_var_of, inventory_of, managed_spec_of, read_connection,
    session_to, url_of,
};
use crate::trouble::During;
use crate::words;
use crate::world::{application, physical, target as target_of};

const COMMAND: &str = "verify";

/// Verifies the swap under way.
pub async fn verify(operator: &Operator, target: &Target) -> Report {
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
    let mut checks = Vec::new();
    checks.extend(
        connections(operator, &gathered, found, at)
            .await
            .map_err(other)?,
    );
    checks.extend(
        databases(operator, &gathered, found, at)
            .await
            .map_err(other)?,
    );
    let cutover = Replay::latest(&found.records, CUTOVER).map_err(|error| {
        other(StepError::unbelievable("the journal cannot be believed").because(&error))
    })?;
    let proof = cutover.outputs(&found.records).raw("compare-rows").cloned();
    if dynos_started(found) {
        checks.extend(proof.clone().and_then(recorded));
    }
    let differing = checks
        .iter()
        .filter(|check| !check.differences.is_empty())
        .count();
    let rows = checks.iter().map(|check| {
        let result = match check.differences.len() {
            0 => "equal".to_owned(),
            number => format!("{number} differences: {}", check.differences[0]),
        };
        vec![check.what.clone(), result]
    });
    let headers = ["Compared", "Result"].map(str::to_owned).to_vec();
    report.text.push(Section::Table {
        headers,
        rows: rows.collect(),
    });
    report.verification = Some(json!({
        "checks": checks
            .iter()
            .map(|check| json!({ "what": check.what, "differences": check.differences }))
            .collect::<Vec<Value>>(),
        "proof_at_the_switch": proof,
    }));
    if differing > 0 {
        let mut error = StepError::new(ErrorKind::Mismatch, "the two pairs differ");
        error.causes = checks
            .into_iter()
            .flat_map(|check| check.differences)
            .take(20)
            .collect();
        return Err(other(error));
    }
    settle_state(report, target, Some(&gathered));
    Ok(())
}

/// Rows as they were proven equal while nobody could write: what the app has written since is no
/// difference.
fn recorded(proof: Value) -> Option<Check> {
    let proof: Proof = serde_json::from_value(proof).ok()?;
    let what = format!(
        "rows of {}, at the switch ({:.0})",
        words::count(proof.rows.tables.len() + proof.followed.len(), "table"),
        proof.at
    );
    let differing = proof.rows.differing();
    Some(Check {
        what,
        differences: differing.map(ToString::to_string).collect(),
    })
}

struct Check {
    what: String,
    differences: Vec<String>,
}

/// Configuration, organisation and the physical databases of both connections.
async fn connections(
    operator: &Operator,
    gathered: &Gathered,
    found: &Found,
    at: Stage,
) -> Result<Vec<Check>, StepError> {
    let heroku = operator.heroku.read_only();
    let (app, subject) = (&gathered.app.name, &found.subject);
    let new = read_connection(&heroku, app, &subject.new.connect).await?;
    let text = heroku
        .connect()
        .export(&new)
        .await
        .during("exporting the new configuration")?;
    let parse = |text: String| {
        Document::parse(text)
            .map_err(|error| StepError::failed("a configuration cannot be read").because(&error))
    };
    let differences = compare(&parse(subject.wanted.edited.clone())?, &parse(text)?);
    let mut checks = vec![Check {
        what: "mappings of the new connection".into(),
        differences: differences
            .iter()
            .map(|d| format!("{} {}", d.object, d.what))
            .collect(),
    }];
    let unloaded = new
        .mappings
        .iter()
        .filter(|mapping| !mapping.state.is_loaded() && !mapping.state.is_incremental());
    checks.push(Check {
        what: "every mapping loaded".into(),
        differences: unloaded
            .map(|m| format!("{} is {}", m.object_name, m.state))
            .collect(),
    });
    let mut organisation = Vec::new();
    if new.organization_id.as_deref() != Some(subject.old.organization_id.as_str()) {
        organisation.push("the new connection belongs to another organisation".to_owned());
    }
    checks.push(Check {
        what: "Salesforce organisation".into(),
        differences: organisation,
    });
    let mut targets = Vec::new();
    let mut expect = |connection: &connect_swap_heroku::connect::Connection, name: &str| {
        let addon = addon_named(gathered, name)?;
        let attachment = attachments_of(&gathered.attachments, &addon.id).next();
        let attachment = attachment
            .ok_or_else(|| StepError::drifted(format!("{name} is not attached to {app}")))?;
        let wanted = physical(&url_of(&gathered.vars, &config_var_of(attachment))?);
        let is = target_of(connection);
        if is.as_ref() != Some(&wanted) {
            let is = is.map_or_else(|| "none".to_owned(), |p| p.to_string());
            targets.push(format!(
                "{} syncs with {is}, not with {wanted}",
                connection.resource_name
            ));
        }
        Ok::<(), StepError>(())
    };
    expect(&new, subject.new.database.as_str())?;
    if at != Stage::CleaningUp {
        let old = read_connection(&heroku, app, &subject.old.connect.name).await?;
        expect(&old, subject.old.database.name.as_str())?;
    }
    checks.push(Check {
        what: "each connection on its own database".into(),
        differences: targets,
    });
    Ok(checks)
}

/// Definitions always; rows and sequences only while nobody writes to either side.
async fn databases(
    operator: &Operator,
    gathered: &Gathered,
    found: &Found,
    at: Stage,
) -> Result<Vec<Check>, StepError> {
    if at == Stage::CleaningUp {
        return Ok(Vec::new());
    }
    let old = session(operator, gathered, found.subject.old.database.name.as_str()).await?;
    let new = session(operator, gathered, found.subject.new.database.as_str()).await?;
    let original = Document::parse(found.subject.wanted.original.clone()).map_err(|error| {
        StepError::failed("the journal's export cannot be read").because(&error)
    })?;
    let spec = managed_spec_of(&original, &found.subject.old.schema_name);
    let inventory = inventory_of(&old, &spec, &found.subject.overrides).await?;
    let part = match at {
        Stage::Swapped | Stage::Promoted if keys_validated(found) => Part::AfterWindow,
        Stage::Swapped | Stage::Promoted => Part::InWindow,
        _ => Part::BeforeWindow,
    };
    let definitions = compare_definitions(&old, &new, &inventory, part)
        .await
        .during("comparing definitions")?;
    let mut checks = vec![Check {
        what: "definitions of what Connect does not own".into(),
        differences: definitions.iter().map(ToString::to_string).collect(),
    }];
    // Between the switch and the first dyno nobody writes to either side.
    if at == Stage::Promoted && !dynos_started(found) {
        checks.extend(contents(gathered, found, &inventory).await?);
        let objects = compare_large_objects(&old, &new)
            .await
            .during("comparing large objects")?;
        checks.push(Check {
            what: format!("{} large objects", objects.old),
            differences: words_of(&objects).into_iter().collect(),
        });
        let sequences = compare_sequences(&old, &new, &inventory)
            .await
            .during("comparing sequences")?;
        checks.push(Check {
            what: "sequences".into(),
            differences: sequences.iter().map(ToString::to_string).collect(),
        });
    }
    Ok(checks)
}

/// Rows, table by table. What a read-only look cannot compare is told, and is no difference.
async fn contents(
    gathered: &Gathered,
    found: &Found,
    inventory: &Inventory,
) -> Result<Vec<Check>, StepError> {
    let options = CompareOptions {
        workers: 1,
        forced: Forced::LeaveOut,
    };
    let old = url(gathered, found.subject.old.database.name.as_str())?;
    let new = url(gathered, found.subject.new.database.as_str())?;
    let rows = compare_rows(&old, &new, &inventory.tables_to_copy(), options)
        .await
        .during("comparing rows")?;
    let left_out: Vec<&str> = rows
        .tables
        .iter()
        .filter(|table| table.left_out.is_some())
        .map(|table| table.table.name.as_str())
        .collect();
    let mut what = format!("rows of {} tables", rows.tables.len() - left_out.len());
    if !left_out.is_empty() {
        what.push_str(&format!(
            " (not of {}: row-level security is forced on their owner)",
            left_out.join(", ")
        ));
    }
    Ok(vec![Check {
        what,
        differences: rows.differing().map(|table| table.to_string()).collect(),
    }])
}

fn url(gathered: &Gathered, name: &str) -> Result<DatabaseUrl, StepError> {
    let addon = addon_named(gathered, name)?;
    let attachment = attachments_of(&gathered.attachments, &addon.id)
        .next()
        .ok_or_else(|| StepError::drifted(format!("{name} is not attached to the app")))?;
    url_of(&gathered.vars, &config_var_of(attachment))
}

fn dynos_started(found: &Found) -> bool {
    Replay::latest(&found.records, CUTOVER)
        .is_ok_and(|replay| replay.status("restore-formation").may_have_effect())
}

/// Whether the foreign keys that were made in the window were held against the rows since.
fn keys_validated(found: &Found) -> bool {
    Replay::latest(&found.records, CUTOVER)
        .is_ok_and(|replay| matches!(replay.status("validate-keys"), Status::Applied(_)))
}

async fn session(
    operator: &Operator,
    gathered: &Gathered,
    name: &str,
) -> Result<Session, StepError> {
    let addon = addon_named(gathered, name)?;
    let application = application(COMMAND, &operator.identity);
    session_to(
        addon,
        &gathered.attachments,
        &gathered.vars,
        Purpose::ReadOnly,
        &application,
    )
    .await
}
