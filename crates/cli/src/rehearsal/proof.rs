//! What a rehearsal has proven, from the sandbox's own books and never from the tool's.

use std::time::Duration;

use connect_swap_sandbox::{Audit, Sandbox};
use connect_swap_swap::Section;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::start::{APP, Stage};
use crate::error::RehearsalError;
use crate::ui::{grouped, length};

/// How long the new columns may take to catch up with Salesforce, in sandbox time: some of
/// Connect's polls.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks, in sandbox time.
const PAUSE: Duration = Duration::from_secs(5);

/// The evidence.
pub(super) struct Proof {
    audit: Audit,
    columns: Vec<Column>,
    overlaps: usize,
    told_downtime: Option<f64>,
}

/// One added column: how many rows of it are filled, and how many should be.
struct Column {
    name: String,
    filled: u64,
    expected: u64,
}

impl Proof {
    /// Gathers it. `added` are the columns, as `Object.Field[,Field…]`.
    ///
    /// # Errors
    /// A database or the audit that does not answer.
    pub(super) async fn gather(
        stage: &Stage,
        added: &[String],
        told_downtime: Option<f64>,
    ) -> Result<Self, RehearsalError> {
        let mut columns = Vec::new();
        for name in added.iter().flat_map(|text| single_columns(text)) {
            columns.push(caught_up(&stage.sandbox, name).await?);
        }
        let audit = stage.sandbox.audit(APP).await?;
        let overlaps = stage.sandbox.connect().overlaps().len();
        Ok(Self {
            audit,
            columns,
            overlaps,
            told_downtime,
        })
    }

    /// Whether everything that must hold does.
    pub(super) fn holds(&self) -> bool {
        self.audit.is_clean()
            && self.audit.acknowledged > 0
            && self.overlaps == 0
            && self.columns.iter().all(Column::is_filled)
    }

    /// What speaks against it, one line each.
    pub(super) fn objections(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let findings = [
            ("lost", &self.audit.lost),
            ("doubled", &self.audit.doubled),
            ("not sent by Connect yet", &self.audit.waiting),
        ];
        for (word, findings) in findings {
            let shown = findings.iter().take(5);
            lines.extend(shown.map(|f| format!("{word}: {:?}: {}", f.write, f.found)));
        }
        if self.audit.acknowledged == 0 {
            lines.push("the app wrote nothing, so nothing was put to the test".to_owned());
        }
        if self.overlaps > 0 {
            lines.push("two connections ran against one database at the same time".to_owned());
        }
        let unfilled = self.columns.iter().filter(|column| !column.is_filled());
        lines.extend(unfilled.map(|column| {
            let (filled, expected) = (column.filled, column.expected);
            format!(
                "column {}: {filled} rows filled, {expected} in Salesforce",
                column.name
            )
        }));
        lines
    }

    /// The evidence for a person.
    pub(super) fn sections(&self) -> Vec<Section> {
        let audit = &self.audit;
        let number = |n: usize| grouped(n as u64);
        let mut rows = vec![
            (
                "Writes acknowledged to the app".to_owned(),
                number(audit.acknowledged),
            ),
            ("Lost".to_owned(), number(audit.lost.len())),
            ("Doubled".to_owned(), number(audit.doubled.len())),
            (
                "Outcome never heard by the app".to_owned(),
                number(audit.unknown.len()),
            ),
            (
                "Writes sent to Salesforce".to_owned(),
                number(audit.salesforce_writes),
            ),
            (
                "Salesforce records compared".to_owned(),
                number(audit.salesforce_records),
            ),
        ];
        if !audit.waiting.is_empty() {
            let title = "Not sent by Connect yet".to_owned();
            rows.push((title, number(audit.waiting.len())));
        }
        rows.extend(self.columns.iter().map(|column| {
            let (filled, expected) = (grouped(column.filled), grouped(column.expected));
            (
                format!("New column {}", column.name),
                format!("{filled} of {expected} rows filled"),
            )
        }));
        rows.push((
            "Connections that ran on one database".to_owned(),
            number(self.overlaps),
        ));
        rows.push((
            "Downtime seen by users".to_owned(),
            seconds(audit.downtime_seconds),
        ));
        if let Some(told) = self.told_downtime {
            rows.push(("Downtime told by the tool".to_owned(), seconds(told)));
        }
        vec![
            Section::Heading("Proven, by the sandbox's own books".to_owned()),
            Section::Pairs(rows),
        ]
    }

    /// The evidence for a program.
    pub(super) fn document(&self) -> Value {
        let columns = self.columns.iter().map(|column| {
            json!({
                "column": column.name, "filled": column.filled, "expected": column.expected,
            })
        });
        json!({
            "proven": self.holds(),
            "audit": self.audit,
            "columns": columns.collect::<Vec<_>>(),
            "overlaps": self.overlaps,
        })
    }
}

impl Column {
    fn is_filled(&self) -> bool {
        self.expected > 0 && self.filled == self.expected
    }
}

/// `A.B,C` is `A.B` and `A.C`.
fn single_columns(text: &str) -> Vec<(&str, &str)> {
    let (object, fields) = text.split_once('.').unwrap_or((text, ""));
    fields.split(',').map(|field| (object, field)).collect()
}

/// Compares a column with Salesforce until both agree: Connect polls, so it may be a moment late.
async fn caught_up(
    sandbox: &Sandbox,
    (object, field): (&str, &str),
) -> Result<Column, RehearsalError> {
    let clock = sandbox.clock();
    let deadline: Timestamp = clock.now() + PATIENCE;
    loop {
        let column = Column {
            name: format!("{object}.{field}"),
            expected: in_salesforce(sandbox, object, field),
            filled: in_database(sandbox, object, field).await?,
        };
        if column.is_filled() || clock.now() >= deadline {
            return Ok(column);
        }
        clock.sleep(PAUSE).await;
    }
}

fn in_salesforce(sandbox: &Sandbox, object: &str, field: &str) -> u64 {
    let records = sandbox.connect().salesforce_records(APP, object);
    let filled = records.iter().filter(|record| {
        let mut values = record.values.iter();
        let value = values.find(|(name, _)| name.eq_ignore_ascii_case(field));
        !record.is_deleted && value.is_some_and(|(_, value)| value.is_some())
    });
    filled.count() as u64
}

async fn in_database(sandbox: &Sandbox, object: &str, field: &str) -> Result<u64, RehearsalError> {
    let database = sandbox
        .database(APP, "DATABASE")
        .ok_or(RehearsalError::NoDatabase)?;
    let client = database
        .connect("rehearsal proof")
        .await
        .map_err(RehearsalError::Database)?;
    // Connect names tables and columns after the Salesforce names in lower case, and the names
    // came through the argument parser: letters, digits and underscores.
    let (table, column) = (object.to_ascii_lowercase(), field.to_ascii_lowercase());
    let sql = format!("SELECT count(\"{column}\") FROM salesforce.\"{table}\"");
    let row = client
        .query_one(&sql, &[])
        .await
        .map_err(RehearsalError::Query)?;
    let count: i64 = row.get(0);
    Ok(count.unsigned_abs())
}

fn seconds(seconds: f64) -> String {
    length(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_one_by_one() {
        assert_eq!(single_columns("A.B,C__c"), [("A", "B"), ("A", "C__c")]);
    }

    #[test]
    fn an_empty_column_proves_nothing() {
        let column = |filled, expected| Column {
            name: "A.B".to_owned(),
            filled,
            expected,
        };
        assert!(column(7, 7).is_filled());
        assert!(!column(6, 7).is_filled());
        assert!(!column(0, 0).is_filled());
    }
}
