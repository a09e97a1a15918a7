//! `unsynced-rows`: rows of mapped tables that Salesforce does not have.

use connect_swap_postgres::UnsyncedTable;

use super::listing::{counted, shortened};
use super::{Phase, command, window};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "unsynced-rows";

/// A row without `sfid` was never created in Salesforce, and one with `_hc_lastop` FAILED is not
/// there as it is here (dev center, "Writing data to Salesforce with Heroku Connect"); the new
/// database is loaded from Salesforce.
///
/// Rows without `sfid` may be on their way as long as the log has at least as many changes to
/// send: that is only told. `recheck-drain` counts them again when the log is empty, and goes back
/// when there is one that was not accepted with `--ack`.
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let tables = &snapshot.database.unsynced;
    let rows: i64 = tables.iter().map(|table| table.count).sum();
    if rows <= 0 {
        return None;
    }
    let failed: i64 = tables.iter().map(|table| table.failed).sum();
    let log = &snapshot.database.trigger_log;
    let seen = shortened(tables.iter().map(line).collect());
    if failed == 0 && rows <= log.new + log.pending {
        let title = "some rows have no Salesforce id yet, maybe on their way";
        return Some(
            Finding::new(CODE, Severity::Warn, title)
                .seen(seen)
                .why(
                    "Connect has changes to send, and these rows may be among them. Those that \
                     are still without id when everything is sent would stay behind: cutover then \
                     goes back to the old pair.",
                )
                .todo(
                    "nothing, unless the number stays from run to run: then see which rows they \
                     are, and mend them, or accept the loss with --ack unsynced-rows",
                ),
        );
    }
    let title = format!(
        "{} not in Salesforce as here",
        counted(rows.unsigned_abs(), "row")
    );
    let finding = window::due_at_cutover(CODE, phase, &title).seen(seen).why(
        "The new database is loaded from Salesforce, so what is not there stays behind in the \
         old one and the app no longer sees it.",
    );
    let queries = tables
        .iter()
        .map(|table| command::psql(snapshot, &query(table)));
    let finding = queries.take(10).fold(finding, Finding::todo);
    Some(finding.todo(
        "mend the cause and change these rows again, so that Connect sends them; or delete them, \
         or accept the loss with --ack unsynced-rows",
    ))
}

fn line(table: &UnsyncedTable) -> String {
    let ids: Vec<String> = table.sample_ids.iter().map(ToString::to_string).collect();
    let more = table.count.unsigned_abs().saturating_sub(ids.len() as u64);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "{}: {} without Salesforce id, {} refused; id {}{more}",
        table.table,
        table.without_sfid,
        table.failed,
        ids.join(", ")
    )
}

fn query(table: &UnsyncedTable) -> String {
    format!(
        "select id, sfid, _hc_lastop, _hc_err from {} \
         where sfid is null or _hc_lastop = 'FAILED' or _hc_err <> ''",
        table.table.sql()
    )
}

#[cfg(test)]
mod tests {
    use connect_swap_postgres::TableRef;

    use super::*;
    use crate::findings::fixture::healthy;

    fn with(without_sfid: i64, failed: i64) -> Snapshot {
        let mut snapshot = healthy();
        snapshot.database.unsynced = vec![UnsyncedTable {
            table: TableRef::new("salesforce", "contact"),
            without_sfid,
            failed,
            count: without_sfid + failed,
            sample_ids: (1..=(without_sfid + failed).min(10)).collect(),
        }];
        snapshot
    }

    #[test]
    fn silent_where_salesforce_has_all() {
        assert_eq!(check(&healthy(), Phase::Cutover), None);
    }

    #[test]
    fn rows_that_nobody_sends_warn_first_and_block_cutover() {
        let snapshot = with(12, 0);
        assert_eq!(
            check(&snapshot, Phase::Prep).unwrap().severity,
            Severity::Warn
        );
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(finding.title, "12 rows not in Salesforce as here");
        assert_eq!(
            finding.seen,
            [
                "salesforce.contact: 12 without Salesforce id, 0 refused; id 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more"
            ]
        );
        assert!(finding.todo[0].starts_with("heroku pg:psql postgresql-flat-1 -c"));
    }

    #[test]
    fn rows_that_may_be_on_their_way_do_not_block() {
        let mut snapshot = with(2, 0);
        snapshot.database.trigger_log.new = 2;
        assert_eq!(
            check(&snapshot, Phase::Cutover).unwrap().severity,
            Severity::Warn
        );
        snapshot.database.trigger_log.new = 1;
        assert_eq!(
            check(&snapshot, Phase::Cutover).unwrap().severity,
            Severity::Block
        );
    }

    #[test]
    fn a_refused_row_blocks_whatever_else_is_on_its_way() {
        let mut snapshot = with(0, 1);
        snapshot.database.trigger_log.new = 50;
        assert!(check(&snapshot, Phase::Cutover).unwrap().blocks());
    }
}
