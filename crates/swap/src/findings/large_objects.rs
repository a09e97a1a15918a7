//! `large-objects`: contents that may not be read, and so not carried over.

use super::listing::counted;
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "large-objects";

/// Large objects have owners and grants of their own (PostgreSQL manual, "Large Objects"). One that
/// the app's login may not read stays behind, with the references to it leading nowhere.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let number = u64::try_from(snapshot.database.unreadable_large_objects)
        .ok()
        .filter(|number| *number > 0)?;
    let list = command::psql(
        snapshot,
        "select oid, pg_get_userbyid(lomowner), lomacl from pg_largeobject_metadata",
    );
    Some(
        Finding::new(CODE, Severity::Block, "some large objects may not be read")
            .seen([counted(number, "large object")])
            .why(
                "They belong to others and are not granted to the app's login, so they cannot be \
                 copied; rows that refer to them would point at nothing in the new database.",
            )
            .todo(format!("see which they are: {list}"))
            .todo("grant SELECT on them to the app's login, or remove those that nothing needs (vacuumlo finds them)"),
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
        snapshot.database.unreadable_large_objects = 1;
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(finding.seen, ["1 large object"]);
    }
}
