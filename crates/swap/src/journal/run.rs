//! The runs a database's journal knows.

use connect_swap_engine::StepError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::schema::{FORMAT, journal_exists};

/// One swap as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its id.
    pub id: Uuid,
    /// The version of the format it was written in.
    pub format: i32,
    /// The app.
    pub app: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// What is swapped for what: see `topology::Subject`.
    pub subject: Value,
    /// When it was closed by cleanup.
    pub closed_at: Option<Timestamp>,
    /// How it was closed.
    pub closed_as: Option<String>,
}

impl RunRecord {
    /// Whether this tool may write to the run, or only read it.
    pub fn is_writable(&self) -> bool {
        self.format <= FORMAT
    }
}

/// A query of the journal that failed: where its tables were altered, they cannot be believed; a
/// session that was lost says nothing of them.
pub(super) fn unread(error: &tokio_postgres::Error) -> StepError {
    const WHAT: &str = "the journal cannot be read";
    // SQLSTATE class 42: no such table, column or function, a type of another kind, no right.
    match error.code() {
        Some(code) if code.code().starts_with("42") => StepError::unbelievable(WHAT),
        _ => StepError::failed(WHAT),
    }
    .because(error)
}

/// The runs of an app, newest first; none where the database holds no journal.
///
/// # Errors
/// When the database does not answer or the journal's tables are not as this tool made them.
pub async fn runs(client: &Client, app: &str) -> Result<Vec<RunRecord>, StepError> {
    if !journal_exists(client).await? {
        return Ok(Vec::new());
    }
    let rows = client
        .query(
            "SELECT id, format, app, created_at, subject, closed_at, closed_as
             FROM connect_swap.run WHERE app = $1 ORDER BY created_at DESC",
            &[&app],
        )
        .await
        .map_err(|error| unread(&error))?;
    rows.iter()
        .map(|row| {
            Ok(RunRecord {
                id: row.try_get(0)?,
                format: row.try_get(1)?,
                app: row.try_get(2)?,
                created_at: row.try_get(3)?,
                subject: row.try_get(4)?,
                closed_at: row.try_get(5)?,
                closed_as: row.try_get(6)?,
            })
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(|error| {
            StepError::unbelievable("the journal's runs cannot be believed").because(&error)
        })
}
