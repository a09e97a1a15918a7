//! `another-connection`: more of Heroku Connect on the old database than the one connection.

use super::listing::shortened;
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::{OtherConnection, Snapshot};

const CODE: &str = "another-connection";

/// Several Connect add-ons may sync to one database (devcenter heroku-connect), each in a schema of
/// its own, and what one has made stays when it is gone. The inventory knows the tables, functions and
/// triggers of the one connection; those of another look like the customer's.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let others = &snapshot.others;
    if others.is_empty() {
        return None;
    }
    let leftovers = unclaimed(snapshot);
    let syncing = others.syncing.iter().map(|other| syncs(snapshot, other));
    let hidden = others.hidden.iter().map(|name| {
        format!("{name} may sync with it: Heroku Connect does not show its connection to you")
    });
    let schemas = leftovers.iter().map(|schema| {
        format!("schema {schema} holds Connect's own tables, and no connection shown keeps it")
    });
    let finding = Finding::new(
        CODE,
        Severity::Block,
        "another Connect connection uses the old database, or did",
    )
    .seen(shortened(syncing.chain(hidden).chain(schemas).collect()))
    .why(
        "Only the one connection is paused, drained and moved. The tables of another one would be \
         copied like tables of your own, with its logs and the triggers that send changes to \
         Salesforce, while it goes on: rows would be lost, and records in Salesforce doubled.",
    );
    Some(
        todo(snapshot, &leftovers)
            .into_iter()
            .fold(finding, Finding::todo),
    )
}

/// Schemas like Connect's that belong to no connection shown.
fn unclaimed(snapshot: &Snapshot) -> Vec<&str> {
    let others = &snapshot.others;
    let claimed = |schema: &str| {
        let mut syncing = others.syncing.iter();
        syncing.any(|other| other.schema.as_deref() == Some(schema))
    };
    let schemas = others.schemas.iter().map(String::as_str);
    schemas.filter(|schema| !claimed(schema)).collect()
}

fn syncs(snapshot: &Snapshot, other: &OtherConnection) -> String {
    let database = &snapshot.old_database.name;
    let schema = other.schema.as_deref().unwrap_or("not told");
    format!(
        "{} syncs with {database}, schema {schema}, state {}",
        other.addon, other.state
    )
}

fn todo(snapshot: &Snapshot, leftovers: &[&str]) -> Vec<String> {
    let others = &snapshot.others;
    let mut todo = Vec::new();
    if !others.hidden.is_empty() {
        let line = command::heroku(snapshot, "connect:info --check-for-new");
        todo.push(format!("let Connect show them to you: {line}"));
    }
    let moves = others.syncing.iter().map(|other| {
        let schema = command::word(other.schema.as_deref().unwrap_or("SCHEMA"));
        let words = format!("db:set --db OTHER_DATABASE_URL --schema {schema}");
        let line = command::connect(snapshot, &words, &other.addon);
        format!("let it load into a database of its own, from which the app reads then: {line}")
    });
    todo.extend(shortened(moves.collect()));
    let ends = others.syncing.iter().map(|other| {
        let line = command::heroku(snapshot, &format!("addons:destroy {}", other.addon));
        format!("or destroy it where nothing needs it any more: {line}")
    });
    todo.extend(shortened(ends.collect()));
    if others.syncing.is_empty() && !leftovers.is_empty() {
        todo.push(
            "find out whose the schema is: a connection of another app, or one that is gone"
                .to_owned(),
        );
    }
    let schemas = others.schemas.iter().map(|schema| {
        let quoted = connect_swap_postgres::quote_ident(schema);
        let line = command::psql(snapshot, &format!("DROP SCHEMA {quoted} CASCADE"));
        format!("once no connection keeps it and nothing reads it, drop what stays: {line}")
    });
    todo.extend(shortened(schemas.collect()));
    todo
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    fn with(syncing: bool, schemas: &[&str]) -> Snapshot {
        let mut snapshot = healthy();
        if syncing {
            snapshot.others.syncing.push(OtherConnection {
                addon: "herokuconnect-flat-2".try_into().unwrap(),
                schema: Some("sf_eu".into()),
                state: "IDLE".into(),
            });
        }
        snapshot.others.schemas = schemas.iter().map(|&name| name.to_owned()).collect();
        snapshot
    }

    #[test]
    fn silent_where_one_connection_has_the_database_to_itself() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
        assert_eq!(check(&healthy(), Phase::Cutover), None);
    }

    #[test]
    fn a_second_connection_blocks_and_its_schema_is_told_once() {
        let finding = check(&with(true, &["sf_eu"]), Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.seen,
            ["herokuconnect-flat-2 syncs with postgresql-flat-1, schema sf_eu, state IDLE"]
        );
        assert!(finding.todo[0].ends_with(
            "heroku connect:db:set --db OTHER_DATABASE_URL --schema sf_eu -a demo \
             --resource herokuconnect-flat-2"
        ));
        assert!(finding.todo[1].ends_with("heroku addons:destroy herokuconnect-flat-2 -a demo"));
        assert!(finding.todo[2].contains(r#"DROP SCHEMA \"sf_eu\" CASCADE"#));
    }

    #[test]
    fn a_schema_of_nobody_shown_blocks() {
        let finding = check(&with(false, &["Old"]), Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert!(finding.seen[0].starts_with("schema Old holds Connect's own tables"));
        assert!(finding.todo[0].contains("another app"));
        assert!(finding.todo[1].contains("DROP SCHEMA \\\"Old\\\" CASCADE"));
    }

    #[test]
    fn an_add_on_whose_connection_is_not_shown_blocks() {
        let mut snapshot = healthy();
        let hidden = "herokuconnect-flat-3".try_into().unwrap();
        snapshot.others.hidden.push(hidden);
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert!(finding.seen[0].starts_with("herokuconnect-flat-3 may sync with it"));
        assert!(finding.todo[0].ends_with("heroku connect:info --check-for-new -a demo"));
        assert_eq!(finding.todo.len(), 1);
    }
}
