//! `failed-writes`: changes that Salesforce did not take.

use connect_swap_heroku::connect::WriteError;
use connect_swap_postgres::{FailedRow, quote_ident};

use super::listing::{counted, shortened, shortened_of};
use super::{Phase, command, window};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "failed-writes";

/// A change in state FAILED is not sent again by itself (dev center, "Heroku Connect trigger
/// log"); the new database is loaded from Salesforce and so never has it. Failures that are in
/// the log's archive only may have been mended since: the rows tell (`unsynced-rows`), except
/// for deletions, so these are worth a look and no more.
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let seen = current(snapshot, phase);
    let archived = snapshot.database.trigger_log.failed_archived;
    if seen.is_empty() && archived <= 0 {
        return None;
    }
    let past = (archived > 0).then(|| format!("{} in the log's archive", failed_changes(archived)));
    let finding = if seen.is_empty() {
        Finding::new(
            CODE,
            Severity::Warn,
            "Salesforce refused some changes in the past",
        )
    } else {
        window::due_at_cutover(CODE, phase, "Salesforce refused some changes")
    };
    let schema = quote_ident(&snapshot.managed.schema);
    let log = if seen.is_empty() {
        "_trigger_log_archive"
    } else {
        "_trigger_log"
    };
    let sql = format!(
        "select id, table_name, action, record_id, sf_message from {schema}.{log} where state = 'FAILED'"
    );
    let name = &snapshot.connection.resource_name;
    Some(
        finding
            .seen(seen)
            .seen(past)
            .why(
                "These changes stand in the old database only. The new one is loaded from \
                 Salesforce: after the swap they are gone, and what was to be deleted is back.",
            )
            .todo(format!("see them: {}", command::connect(snapshot, "write-errors", name)))
            .todo(command::psql(snapshot, &sql))
            .todo("mend the cause and change the row again, so that Connect sends it; or accept the loss with --ack failed-writes"),
    )
}

/// What stands as failed at this moment.
fn current(snapshot: &Snapshot, phase: Phase) -> Vec<String> {
    let log = &snapshot.database.trigger_log;
    let mut seen = Vec::new();
    if log.failed > 0 {
        seen.push(format!(
            "{} in the old connection's log",
            failed_changes(log.failed)
        ));
    }
    let rows: Vec<String> = snapshot.database.failed.iter().map(of_log).collect();
    if !rows.is_empty() {
        seen.extend(shortened_of(rows, log.failed.unsigned_abs()));
    }
    seen.extend(reported("old", &snapshot.write_errors));
    if phase == Phase::Cutover {
        seen.extend(reported("new", &snapshot.new.write_errors));
    }
    let counts = snapshot.connection.mappings.iter().filter_map(|mapping| {
        let errors = mapping.counts.errors.filter(|errors| *errors > 0)?;
        Some(format!(
            "{}: Connect counts {}",
            mapping.object_name,
            counted(errors, "write error")
        ))
    });
    seen.extend(shortened(counts.collect()));
    seen
}

fn failed_changes(number: i64) -> String {
    format!("{} failed", counted(number.unsigned_abs(), "change"))
}

fn of_log(row: &FailedRow) -> String {
    let action = row.action.as_deref().unwrap_or("change");
    let table = row.table.as_deref().unwrap_or("an unnamed table");
    let id = row
        .record_id
        .map(|id| format!(" id {id}"))
        .unwrap_or_default();
    let when = row
        .created_at
        .as_deref()
        .map(|when| format!(" ({when})"))
        .unwrap_or_default();
    let message = row.message.as_deref().unwrap_or("no message");
    format!("{action} in {table}{id}{when}: {}", one_line(message))
}

fn reported(which: &str, errors: &[WriteError]) -> Vec<String> {
    if errors.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "{} of the {which} connection in the last 24 hours",
        counted(errors.len() as u64, "write error")
    )];
    let each = errors.iter().map(|error| {
        let table = error.table_name.as_deref().unwrap_or("an unnamed table");
        let id = error
            .record_id
            .as_deref()
            .map(|id| format!(" id {id}"))
            .unwrap_or_default();
        format!("{table}{id}: {}", one_line(&error.message))
    });
    lines.extend(shortened(each.collect()));
    lines
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    fn error(message: &str) -> WriteError {
        serde_json::from_value(serde_json::json!({
            "id": "1", "table_name": "contact", "record_id": 9, "message": message,
            "created_at": "2025-07-16T20:12:43.734321Z",
        }))
        .unwrap()
    }

    #[test]
    fn silent_where_everything_was_taken() {
        assert_eq!(check(&healthy(), Phase::Cutover), None);
    }

    #[test]
    fn failures_in_the_log_warn_first_and_block_cutover() {
        let mut snapshot = healthy();
        snapshot.database.trigger_log.failed = 12;
        snapshot.database.failed = vec![FailedRow {
            id: 77,
            created_at: Some("2025-07-16 20:12:43+00".into()),
            action: Some("UPDATE".into()),
            table: Some("account".into()),
            record_id: Some(5),
            sfid: None,
            message: Some("REQUIRED_FIELD_MISSING:\n Name".into()),
        }];
        assert_eq!(
            check(&snapshot, Phase::Prep).unwrap().severity,
            Severity::Warn
        );
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.seen,
            [
                "12 changes failed in the old connection's log",
                "UPDATE in account id 5 (2025-07-16 20:12:43+00): REQUIRED_FIELD_MISSING: Name",
                "and 11 more",
            ]
        );
    }

    #[test]
    fn what_connect_reports_counts_too() {
        let mut snapshot = healthy();
        snapshot.write_errors = vec![error("duplicate value found")];
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.seen[1], "contact id 9: duplicate value found");
        let mut snapshot = healthy();
        snapshot.new.write_errors = vec![error("x")];
        assert_eq!(check(&snapshot, Phase::Prep), None);
        assert!(check(&snapshot, Phase::Cutover).unwrap().seen[0].contains("new connection"));
        let mut snapshot = healthy();
        snapshot.connection.mappings[1].counts.errors = Some(2);
        assert!(check(&snapshot, Phase::Cutover).unwrap().blocks());
    }

    #[test]
    fn failures_of_the_past_only_warn() {
        let mut snapshot = healthy();
        snapshot.database.trigger_log.failed_archived = 3;
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(finding.seen, ["3 changes failed in the log's archive"]);
        assert!(finding.todo[1].contains("_trigger_log_archive"));
    }
}
