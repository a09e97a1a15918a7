//! Runs the statements of a schema transfer one by one, and reads every error.

use crate::Error;
use crate::error::{RestoreError, server_words};
use crate::session::Session;
use crate::text::{Moves, follow, statements};

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

/// Runs a script. Statements that fail are returned; the others are done.
///
/// # Errors
/// Only when the session itself is lost or the disk is full, so that going on
/// makes no sense.
pub(super) async fn run_script(
    session: &Session,
    script: &str,
    moves: &Moves,
    step: impl Fn(usize, usize),
) -> Result<Vec<RestoreError>, Error> {
    let all: Vec<String> = statements(script)
        .into_iter()
        .filter(|text| !OWN_SETTINGS.iter().any(|setting| text.starts_with(setting)))
        .map(|text| follow(text, moves))
        .collect();
    let mut errors = Vec::new();
    for (at, statement) in all.iter().enumerate() {
        step(at, all.len());
        errors.extend(run_statement(session, statement).await?);
    }
    step(all.len(), all.len());
    Ok(errors)
}

/// Runs one statement, again if it could not get its lock.
pub(super) async fn run_statement(
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
