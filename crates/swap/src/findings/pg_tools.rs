//! `pg-tools`: client programs that this machine has to have.

use super::Phase;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "pg-tools";

/// `pg_dump` refuses a server that is newer than itself (PostgreSQL manual, "pg_dump", Notes).
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let missing = snapshot.tools.as_ref().err()?;
    let found = missing
        .found
        .iter()
        .map(|(directory, major)| format!("version {major} in {}", directory.display()));
    let mut seen: Vec<String> = found.collect();
    if seen.is_empty() {
        seen.push("neither pg_dump nor pg_restore was found".to_owned());
    }
    let needed = missing.needed;
    let title = format!("pg_dump and pg_restore {needed} or newer are not on this machine");
    Some(
        Finding::new(CODE, Severity::Block, title)
            .seen(seen)
            .why(format!(
                "They carry tables, views and functions to the new database, and older ones \
                 refuse a server of version {needed}."
            ))
            .todo(missing.install.clone()),
    )
}

#[cfg(test)]
mod tests {
    use connect_swap_postgres::ToolsMissing;

    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn silent_where_they_suffice() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn gives_the_line_that_installs_them() {
        let mut snapshot = healthy();
        snapshot.tools = Err(ToolsMissing {
            needed: 16,
            found: vec![("/opt/pg/bin".into(), 14)],
            install: "brew install postgresql@16".into(),
        });
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(finding.seen, ["version 14 in /opt/pg/bin"]);
        assert_eq!(finding.todo, ["brew install postgresql@16"]);
    }
}
