//! `credential-attachments`: names under which the app sees a credential or a pool of the old
//! database.

use connect_swap_heroku::platform::Attachment;

use super::listing::shortened;
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "credential-attachments";

/// The one pool that the promotion moves.
const POOL: (&str, &str) = ("DATABASE_CONNECTION_POOL", "connection-pooling:default");

/// The promotion moves the pool attached as DATABASE_CONNECTION_POOL and no other attachment
/// with a namespace (Heroku CLI, `src/commands/pg/promote.ts`); a new database has the default
/// credential only (dev center, "Heroku Postgres credentials").
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let of_app = snapshot.attachments.iter().filter(|a| {
        a.addon.id == snapshot.old_database.id
            && a.app.id == snapshot.app.id
            && a.namespace.is_some()
    });
    let (pools, left): (Vec<_>, Vec<_>) = of_app.partition(|a| is_moved(a));
    if pools.is_empty() && left.is_empty() {
        return None;
    }
    let moved = pools
        .iter()
        .map(|a| format!("{}: this tool moves it", line(a)));
    let stays = left
        .iter()
        .map(|a| format!("{}: stays on the old database", line(a)));
    let seen = shortened(stays.chain(moved).collect());
    if left.is_empty() {
        let finding = Finding::new(CODE, Severity::Info, "the connection pool moves along");
        return Some(
            finding
                .seen(seen)
                .why("Clients of the pool reach the new database after the swap.")
                .todo("nothing: it is moved together with DATABASE"),
        );
    }
    let finding = Finding::new(
        CODE,
        Severity::Warn,
        "some attachments stay on the old database",
    )
    .seen(seen);
    let finding = finding.why(
        "The new database has none of these credentials and pools. What reads these config vars \
         would go on with the old database.",
    );
    Some(
        left.iter()
            .flat_map(|a| advice(snapshot, a))
            .fold(finding, Finding::todo),
    )
}

fn is_moved(attachment: &Attachment) -> bool {
    attachment.name == POOL.0 && attachment.namespace.as_deref() == Some(POOL.1)
}

fn line(attachment: &Attachment) -> String {
    let namespace = attachment.namespace.as_deref().unwrap_or_default();
    format!(
        "{} is {namespace} of {}",
        attachment.name, attachment.addon.name
    )
}

fn advice(snapshot: &Snapshot, attachment: &Attachment) -> Vec<String> {
    let new = &snapshot.subject.new.database;
    let name = &attachment.name;
    let namespace = attachment.namespace.as_deref().unwrap_or_default();
    match namespace.strip_prefix("credential:") {
        Some(credential) => {
            let credential = command::word(credential);
            vec![
                format!(
                    "create it in the new database, with its rights: {}",
                    command::heroku(
                        snapshot,
                        &format!("pg:credentials:create {new} --name {credential}")
                    )
                ),
                format!(
                    "after the swap: {}, then {}",
                    command::heroku(snapshot, &format!("addons:detach {name}")),
                    command::heroku(
                        snapshot,
                        &format!("addons:attach {new} --credential {credential} --as {name}")
                    )
                ),
            ]
        }
        None => vec![format!(
            "after the swap make {namespace} of {new} and attach it as {name}"
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{attachment, healthy};

    fn with(names: &[(&str, &str)]) -> Snapshot {
        let mut snapshot = healthy();
        for (at, (name, namespace)) in names.iter().enumerate() {
            let mut more = attachment(&format!("at-9{at}"), name, &snapshot.old_database);
            more.namespace = Some((*namespace).to_owned());
            snapshot.attachments.push(more);
        }
        snapshot
    }

    #[test]
    fn plain_attachments_are_no_matter() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn the_pool_alone_is_good_news() {
        let finding = check(&with(&[POOL]), Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Info);
    }

    #[test]
    fn a_pool_of_another_name_and_credentials_stay_behind() {
        let credential = ("REPORTING", "credential:analyst");
        let other_pool = ("MY_POOL", POOL.1);
        let finding = check(&with(&[POOL, credential, other_pool]), Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(
            finding.seen,
            [
                "REPORTING is credential:analyst of postgresql-flat-1: stays on the old database",
                "MY_POOL is connection-pooling:default of postgresql-flat-1: stays on the old database",
                "DATABASE_CONNECTION_POOL is connection-pooling:default of postgresql-flat-1: this tool moves it",
            ]
        );
        assert!(
            finding.todo[0]
                .ends_with("heroku pg:credentials:create postgresql-new-1 --name analyst -a demo")
        );
    }
}
