//! `lock-table`: more tables than the server can lock at once.

use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "lock-table";

/// A round reads every table that it follows in one snapshot, so it holds their locks together. The
/// lock table is one for the whole server: when it is full, every session that needs one more lock gets
/// `out of shared memory` (53200), the app's too (PostgreSQL manual, "Lock Management").
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let locks = snapshot.database.locks;
    if locks.suffices() {
        return None;
    }
    let finding = Finding::new(
        CODE,
        Severity::Block,
        "the old database has more tables than its server can lock at once",
    )
    .seen([
        format!(
            "a round may lock {} objects: {} tables, {} indexes, {} logs",
            locks.needed(),
            locks.tables,
            locks.indexes,
            locks.logs
        ),
        format!(
            "the server has room for about {}, for all sessions together",
            locks.room
        ),
    ])
    .why(
        "Where that room is used up, statements fail with “out of shared memory”: those of this tool, \
         and those of the app.",
    );
    Some(
        finding
            .todo(
                "move to a plan with more connections: its server has room for more locks \
                 (max_locks_per_transaction x max_connections)",
            )
            .todo(format!(
                "leave tables behind that are not needed, with --skip table:NAME; see them with {}",
                command::heroku(snapshot, "connect:swap:plan --json")
            ))
            .todo(format!(
                "where few of these tables change within an hour a round locks far fewer; where that \
                 is sure: --ack {CODE}"
            )),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn silent_where_the_tables_fit() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn thousands_of_tables_block_before_anything_is_made() {
        let mut snapshot = healthy();
        snapshot.database.locks.tables = 4000;
        snapshot.database.locks.indexes = 9000;
        snapshot.database.locks.logs = 4000;
        snapshot.database.locks.room = 64 * 120;
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert!(finding.seen[0].contains("17000 objects: 4000 tables"));
        assert!(finding.seen[1].contains("7680"));
    }
}
