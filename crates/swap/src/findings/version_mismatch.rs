//! `version-mismatch`: a new database that is not of the old one's kind.

use connect_swap_postgres::ServerInfo;

use super::Phase;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "version-mismatch";

/// Databases of the advanced tier need a level besides their plan (Heroku CLI,
/// `src/commands/data/pg/create.ts`): "the same plan" does not make the same database.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let old = &snapshot.old_database;
    let wanted = &snapshot.subject.database_plan;
    let mut seen = Vec::new();
    if is_advanced(&old.plan.name) {
        seen.push(format!(
            "the old database {} has plan {}",
            old.name, old.plan.name
        ));
    }
    if is_advanced(wanted) && *wanted != old.plan.name {
        seen.push(format!("the plan wanted for the new database is {wanted}"));
    }
    if seen.is_empty() {
        return None;
    }
    Some(
        Finding::new(CODE, Severity::Block, "databases of the advanced tier cannot be made alike")
            .seen(seen)
            .why(
                "Their size is set by more than the plan's name, and Heroku manages them by \
                 other means than this release knows.",
            )
            .todo("choose another plan with --plan where the old database is not of that tier; otherwise this release cannot help"),
    )
}

/// Compares the new database itself with the old one. Rows, indexes and text order are only the
/// same where version, encoding and locale are (PostgreSQL manual, "Localization"); the version
/// of a new database is chosen when it is created.
pub(super) fn compare(snapshot: &Snapshot, new: &ServerInfo) -> Option<Finding> {
    let old = &snapshot.database.server;
    let facts = [
        (
            "major version",
            old.major.to_string(),
            new.major.to_string(),
        ),
        ("encoding", old.encoding.clone(), new.encoding.clone()),
        ("collation", old.collate.clone(), new.collate.clone()),
        ("character type", old.ctype.clone(), new.ctype.clone()),
    ];
    let seen: Vec<String> = facts
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| format!("{what}: old {old}, new {new}"))
        .collect();
    if seen.is_empty() {
        return None;
    }
    let name = &snapshot.subject.new.database;
    Some(
        Finding::new(CODE, Severity::Block, "the new database is not of the old one's kind")
            .seen(seen)
            .why(
                "Text may be stored and sorted in another way and statements may behave \
                 differently, so the swap would change more than it should.",
            )
            .todo(format!(
                "remove the new pair with heroku connect:swap:cleanup -a {}, then run prep again, which asks for version {}",
                snapshot.app.name, old.major
            ))
            .todo(format!("if {name} gets the same values again, ask Heroku's support, or accept it with --ack {CODE}")),
    )
}

fn is_advanced(plan: &str) -> bool {
    plan.rsplit(':')
        .next()
        .is_some_and(|family| family.starts_with("advanced"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn ordinary_plans_are_fine() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn an_advanced_plan_on_either_side_blocks() {
        let mut snapshot = healthy();
        snapshot.subject.database_plan = "heroku-postgresql:advanced-private".into();
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(finding.seen.len(), 1);
        snapshot.old_database.plan.name = "heroku-postgresql:advanced".into();
        assert_eq!(check(&snapshot, Phase::Prep).unwrap().seen.len(), 2);
    }

    #[test]
    fn version_encoding_and_locale_are_compared() {
        let snapshot = healthy();
        let mut new = snapshot.database.server.clone();
        new.version_num += 1;
        new.size_bytes = 0;
        assert_eq!(compare(&snapshot, &new), None);
        new.major = 17;
        new.collate = "C".into();
        let finding = compare(&snapshot, &new).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.seen,
            [
                "major version: old 16, new 17",
                "collation: old en_US.UTF-8, new C"
            ]
        );
    }
}
