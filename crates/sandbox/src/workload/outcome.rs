//! What the app may conclude from an error.

use tokio_postgres::error::SqlState;

use super::operation::Failure;

/// How an operation ended, as the app sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The server said that it is committed.
    Acknowledged,
    /// The server said no, or was never asked to commit.
    Refused(String),
    /// The answer to the commit never came.
    Unknown,
}

impl From<Result<(), Failure>> for Outcome {
    fn from(result: Result<(), Failure>) -> Self {
        match result {
            Ok(()) => Self::Acknowledged,
            Err(Failure::Before(error)) => Self::Refused(message(&error)),
            Err(Failure::RowMissing) => Self::Refused("the row is not there".to_owned()),
            Err(Failure::AtCommit(error)) => match error.code() {
                // A session that is ended may have committed just before.
                Some(code) if !ends_the_session(code) => Self::Refused(message(&error)),
                _ => Self::Unknown,
            },
        }
    }
}

fn ends_the_session(code: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CONNECTION_FAILURE,
    ]
    .contains(code)
}

fn message(error: &tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
