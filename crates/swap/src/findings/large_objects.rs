//! `large-objects`: contents that this release does not carry over.

use super::listing::counted;
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "large-objects";

/// Large objects are kept apart from all tables (PostgreSQL manual, "Large Objects"); copying
/// tables leaves them behind, with the references to them leading nowhere.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let number = u64::try_from(snapshot.database.large_objects)
        .ok()
        .filter(|number| *number > 0)?;
    let list = command::psql(snapshot, "select oid from pg_largeobject_metadata");
    Some(
        Finding::new(CODE, Severity::Block, "the old database has large objects")
            .seen([counted(number, "large object")])
            .why(
                "This release does not carry large objects over; rows that refer to them would \
                 point at nothing in the new database.",
            )
            .todo(format!("see which they are: {list}"))
            .todo("move their contents into bytea columns, or remove those that nothing needs (vacuumlo finds them)"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn silent_without_any() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn one_is_enough() {
        let mut snapshot = healthy();
        snapshot.database.large_objects = 1;
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(finding.seen, ["1 large object"]);
    }
}
