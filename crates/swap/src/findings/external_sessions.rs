//! `external-sessions`: who else is connected to the old database.

use std::collections::BTreeMap;

use connect_swap_postgres::OtherSession;

use super::listing::{counted, shortened};
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "external-sessions";

/// `pg_stat_activity` does not tell whose a session is: the app's own and Connect's are among
/// them while both run. Those that are surely somebody else's are told apart.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let sessions = &snapshot.database.sessions;
    let (foreign, other): (Vec<_>, Vec<_>) = sessions.iter().partition(|s| s.is_client_program());
    let todo = command::heroku(snapshot, &format!("pg:ps {}", snapshot.old_database.name));
    if !foreign.is_empty() {
        let title = format!(
            "{} of client programs on the old database",
            counted(foreign.len() as u64, "session")
        );
        let stops = foreign.iter().map(|s| {
            command::heroku(
                snapshot,
                &format!("pg:kill {} {}", s.pid, snapshot.old_database.name),
            )
        });
        let finding = Finding::new(CODE, Severity::Warn, title)
            .seen(shortened(
                foreign.iter().map(|session| line(session)).collect(),
            ))
            .seen(grouped(&other))
            .why(
                "Somebody works in the old database by hand, or copies it. What is written there \
                 until the window closes the database is carried over, and refused from then on; \
                 the window cuts these sessions off.",
            )
            .todo("close these programs, or end their sessions:");
        return Some(
            shortened(stops.collect())
                .into_iter()
                .fold(finding, Finding::todo),
        );
    }
    if other.is_empty() {
        return None;
    }
    let title = format!(
        "{} on the old database, maybe not all the app's",
        counted(other.len() as u64, "session")
    );
    Some(
        Finding::new(CODE, Severity::Warn, title)
            .seen(grouped(&other))
            .why(
                "The app's own sessions and Connect's are among them; the database does not tell. \
                 Any other program, a report or another service, would be cut off in the window \
                 and go on with the old database afterwards.",
            )
            .todo(format!("see whether all of them are known to you: {todo}"))
            .todo("stop programs that are not this app's before cutover, and give them the new address after it"),
    )
}

fn line(session: &OtherSession) -> String {
    let mut line = format!("process {}: {}", session.pid, who(session));
    if let Some(state) = &session.state {
        line.push_str(&format!(", {state}"));
    }
    if let Some(age) = session.xact_age {
        line.push_str(&format!(", in a transaction for {age:.0} s"));
    }
    line
}

fn who(session: &OtherSession) -> String {
    let program = match session.application_name.as_str() {
        "" => "a program without a name",
        name => name,
    };
    let user = session.user.as_deref().unwrap_or("not shown");
    let from = session
        .client
        .as_deref()
        .map(|client| format!(" from {client}"));
    format!("{program}, role {user}{}", from.unwrap_or_default())
}

/// Sessions of one program, role and address in one line.
fn grouped(sessions: &[&OtherSession]) -> Vec<String> {
    let mut groups: BTreeMap<String, u64> = BTreeMap::new();
    for session in sessions {
        *groups.entry(who(session)).or_default() += 1;
    }
    let lines = groups
        .into_iter()
        .map(|(who, number)| format!("{who}: {}", counted(number, "session")));
    shortened(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{healthy, session};

    #[test]
    fn silent_where_nobody_else_is_there() {
        assert_eq!(check(&healthy(), Phase::Cutover), None);
    }

    #[test]
    fn sessions_that_may_be_the_apps_are_only_shown() {
        let mut snapshot = healthy();
        snapshot.database.sessions = vec![session(7, "puma"), session(8, "puma"), session(9, "")];
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(
            finding.seen,
            [
                "a program without a name, role u1 from 10.0.0.9: 1 session",
                "puma, role u1 from 10.0.0.9: 2 sessions",
            ]
        );
    }

    #[test]
    fn somebodys_psql_is_told_apart() {
        let mut snapshot = healthy();
        let mut psql = session(42, "psql");
        psql.state = Some("idle in transaction".into());
        psql.xact_age = Some(61.4);
        snapshot.database.sessions = vec![psql, session(7, "puma")];
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(
            finding.seen[0],
            "process 42: psql, role u1 from 10.0.0.9, idle in transaction, in a transaction for 61 s"
        );
        assert_eq!(
            finding.todo[1],
            "heroku pg:kill 42 postgresql-flat-1 -a demo"
        );
    }
}
