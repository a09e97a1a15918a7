//! Runs the statements of a schema transfer one by one, and reads every error.

use crate::Error;
use crate::error::{RestoreError, server_words};
use crate::session::Session;
use crate::text::{Moves, follow, sections};

/// How often a statement that could not get its lock is tried.
const LOCK_ATTEMPTS: usize = 4;
/// `lock_not_available`.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// How much of a failed statement is shown.
const SHOWN: usize = 200;

/// Session settings that this crate fixes itself. A newer `pg_dump` may write
/// some that an older server does not know.
const OWN_SETTINGS: [&str; 6] = [
    "SET statement_timeout ",
    "SET lock_timeout ",
    "SET idle_in_transaction_session_timeout ",
    "SET transaction_timeout ",
    "SET client_encoding ",
    "SET client_min_messages ",
];

/// The statements of one entry of an archive, ready to run.
pub(super) struct Step {
    /// The entry; `None` for what comes before the first one.
    pub(super) dump_id: Option<u32>,
    pub(super) statements: Vec<String>,
}

/// The steps of a script, in its order, with names that moved followed.
pub(super) fn steps(script: &str, moves: &Moves) -> Vec<Step> {
    sections(script)
        .into_iter()
        .map(|section| Step {
            dump_id: section.dump_id,
            statements: section
                .statements
                .into_iter()
                .filter(|text| !OWN_SETTINGS.iter().any(|setting| text.starts_with(setting)))
                .map(|text| follow(text, moves))
                .collect(),
        })
        .filter(|step| !step.statements.is_empty())
        .collect()
}

/// Runs steps. Each is done as a whole or not at all; those that fail are
/// returned, the others are done.
///
/// # Errors
/// Only when the session itself is lost or the disk is full, so that going on
/// makes no sense.
pub(super) async fn run_steps(
    session: &Session,
    all: &[Step],
    told: impl Fn(usize, usize),
) -> Result<Vec<RestoreError>, Error> {
    let mut errors = Vec::new();
    for (at, step) in all.iter().enumerate() {
        told(at, all.len());
        // Statements that are sent together are one transaction (PostgreSQL
        // manual, "Multiple Statements in a Simple Query").
        errors.extend(run_statement(session, &step.statements.join(";\n")).await?);
    }
    told(all.len(), all.len());
    Ok(errors)
}

/// Runs one statement, again if it could not get its lock.
pub(crate) async fn run_statement(
    session: &Session,
    statement: &str,
) -> Result<Option<RestoreError>, Error> {
    let mut attempt = 1;
    loop {
        let Err(error) = session.batch_execute(statement).await else {
            return Ok(None);
        };
        let sqlstate = error.code().map(|code| code.code().to_owned());
        if sqlstate.as_deref() == Some(LOCK_NOT_AVAILABLE) && attempt < LOCK_ATTEMPTS {
            attempt += 1;
            continue;
        }
        let message = server_words(&error);
        return match Error::from(error) {
            fatal @ (Error::Disconnected { .. }
            | Error::DiskFull { .. }
            | Error::ReadOnly { .. }) => Err(fatal),
            _ => Ok(Some(RestoreError {
                statement: beginning(statement),
                message,
                sqlstate,
            })),
        };
    }
}

fn beginning(statement: &str) -> String {
    let mut shown: String = statement.chars().take(SHOWN).collect();
    if shown.len() < statement.len() {
        shown.push('…');
    }
    shown
}
