//! Finds the journals of an app: they stand in its databases, so any machine finds them.

use connect_swap_engine::{ErrorKind, Record, StepError};
use connect_swap_heroku::platform::{Addon, Attachment, ConfigVars};
use connect_swap_heroku::{AddonName, AppName};
use connect_swap_postgres::{Purpose, connect};

use super::attached::{attachments_of, config_var_of, url_of};
use super::old_pair::POSTGRES;
use super::subject::Subject;
use crate::journal::{RunRecord, read_records, runs};
use crate::trouble::During;

/// A run found in one of the app's databases.
pub struct Found {
    /// The run.
    pub run: RunRecord,
    /// What it swaps for what.
    pub subject: Subject,
    /// Its journal.
    pub records: Vec<Record>,
    /// The Postgres add-on that holds this journal.
    pub held_by: AddonName,
}

/// The app's runs, newest first, each once; what its databases could not be asked, in words.
///
/// Read-only. Databases that do not answer are named in the second part rather than ignored.
///
/// # Errors
/// When a journal is there and cannot be believed.
pub async fn locate(
    app: &AppName,
    addons: &[Addon],
    attachments: &[Attachment],
    vars: &ConfigVars,
    application: &str,
) -> Result<(Vec<Found>, Vec<String>), StepError> {
    let mut found: Vec<Found> = Vec::new();
    let mut silent = Vec::new();
    for addon in addons.iter().filter(|addon| addon.service.name == POSTGRES) {
        let Some(attachment) = attachments_of(attachments, &addon.id).next() else {
            continue;
        };
        let Ok(url) = url_of(vars, &config_var_of(attachment)) else {
            continue;
        };
        let session = match connect(&url, Purpose::ReadOnly, application).await {
            Ok(session) => session,
            Err(error) => {
                silent.push(format!("{}: {error}", addon.name));
                continue;
            }
        };
        for run in runs(&session, app.as_str()).await? {
            let records = read_records(&session, run.id)
                .await
                .map_err(|error| of_run(&run, error))?;
            let subject = serde_json::from_value(run.subject.clone()).map_err(|error| {
                let what = format!("the subject of run {} cannot be believed", run.id);
                of_run(&run, StepError::unbelievable(what).because(&error))
            })?;
            found.push(Found {
                run,
                subject,
                records,
                held_by: addon.name.clone(),
            });
        }
    }
    // A copy in the new database stands beside the original until the old one is destroyed.
    found.sort_by(|a, b| {
        let key = |f: &Found| (f.run.created_at, f.records.len());
        key(b).cmp(&key(a))
    });
    found.dedup_by(|a, b| a.run.id == b.run.id);
    Ok((found, silent))
}

/// What cannot be believed in a run of this version is no more than unknown in one of a newer.
fn of_run(run: &RunRecord, error: StepError) -> StepError {
    if run.is_writable() || error.kind != ErrorKind::Unbelievable {
        return error;
    }
    let what = format!(
        "the swap {} was begun by a newer version of this tool, and its journal cannot be read by \
         this one",
        run.id
    );
    StepError::blocked(what)
        .because(&error)
        .hint("update: heroku plugins:update")
}

/// A read-only session to the database behind one of the app's add-ons.
///
/// # Errors
/// When it has no attachment or does not answer.
pub async fn session_to(
    addon: &Addon,
    attachments: &[Attachment],
    vars: &ConfigVars,
    purpose: Purpose,
    application: &str,
) -> Result<connect_swap_postgres::Session, StepError> {
    let attachment = attachments_of(attachments, &addon.id)
        .next()
        .ok_or_else(|| StepError::failed(format!("{} is not attached to the app", addon.name)))?;
    let url = url_of(vars, &config_var_of(attachment))?;
    connect(&url, purpose, application)
        .await
        .during(&format!("connecting to {}", addon.name))
}
