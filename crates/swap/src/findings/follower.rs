//! `follower`: a database that follows another one, or is followed.

use connect_swap_heroku::data::DatabaseInfo;

use super::listing::shortened;
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "follower";

/// A follower is read-only (`pg_is_in_recovery()`; PostgreSQL manual, "Recovery Information
/// Functions"), and the promotion neither moves nor makes followers (Heroku CLI,
/// `src/commands/pg/promote.ts`). What follows what is told by `heroku pg:info`'s rows.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let name = &snapshot.old_database.name;
    let mut seen = Vec::new();
    let mut todo = Vec::new();
    let info = snapshot.old_info.as_ref();
    let leader = info.and_then(|info| info.following.as_deref());
    if leader.is_some() || snapshot.database.server.in_recovery {
        seen.push(match leader {
            Some(leader) => format!("{name} follows {leader}"),
            None => format!("{name} is in recovery: it follows another database, read-only"),
        });
        todo.push(format!(
            "swap the database it follows instead, or make it one of its own: {}",
            command::heroku(snapshot, &format!("pg:unfollow {name}"))
        ));
    }
    for follower in info.map(DatabaseInfo::followers).unwrap_or_default() {
        seen.push(format!("{follower} follows {name}"));
    }
    if seen.len() > todo.len() {
        todo.push(
            "decide about each follower: destroy it or let it stay with the old database; make \
             those you need again after the swap, following the new one"
                .to_owned(),
        );
    }
    let forks = info.map(forks_in_progress).unwrap_or_default();
    if !forks.is_empty() {
        todo.push("wait until the fork is done, then run the same command".to_owned());
    }
    seen.extend(
        forks
            .into_iter()
            .map(|fork| format!("{fork} is being forked from {name}")),
    );
    if seen.is_empty() {
        return None;
    }
    let finding = Finding::new(
        CODE,
        Severity::Block,
        "the old database follows or is followed",
    )
    .seen(shortened(seen))
    .why(
        "A follower cannot be written to, and followers of the old database would show its \
             last state for ever without anybody noticing.",
    );
    Some(todo.into_iter().fold(finding, Finding::todo))
}

/// Forks that are still being made, whatever way the row's title is written.
fn forks_in_progress(info: &DatabaseInfo) -> Vec<String> {
    let rows = info.rows.iter().filter(|row| {
        let title = row.name.to_lowercase();
        title.starts_with("forks") && title.contains("progress")
    });
    rows.flat_map(|row| row.values.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    fn seen(info: &str) -> Vec<String> {
        let mut snapshot = healthy();
        snapshot.old_info = Some(serde_json::from_str(info).unwrap());
        check(&snapshot, Phase::Prep)
            .map(|finding| finding.seen)
            .unwrap_or_default()
    }

    #[test]
    fn a_database_of_its_own_is_fine() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
        assert!(
            seen(
                r#"{"info":[{"name":"Followers","values":[]},
            {"name":"Forks","values":["HEROKU_POSTGRESQL_OLD_FORK"]}]}"#
            )
            .is_empty()
        );
        let mut snapshot = healthy();
        snapshot.old_info = None;
        assert_eq!(check(&snapshot, Phase::Prep), None);
    }

    #[test]
    fn following_blocks() {
        assert_eq!(
            seen(r#"{"following":"postgres://u:hush@leader:5432/d"}"#),
            ["postgresql-flat-1 follows postgres://u:[redacted]@leader:5432/d"]
        );
        let mut snapshot = healthy();
        snapshot.database.server.in_recovery = true;
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert!(finding.todo[0].ends_with("heroku pg:unfollow postgresql-flat-1 -a demo"));
        assert_eq!(finding.todo.len(), 1);
    }

    #[test]
    fn followers_and_unfinished_forks_block() {
        let info = r#"{"info":[{"name":"Followers","values":["HEROKU_POSTGRESQL_PINK"]},
            {"name":"Forks-in-progress","values":["HEROKU_POSTGRESQL_BLUE"]}]}"#;
        assert_eq!(
            seen(info),
            [
                "HEROKU_POSTGRESQL_PINK follows postgresql-flat-1",
                "HEROKU_POSTGRESQL_BLUE is being forked from postgresql-flat-1",
            ]
        );
    }
}
