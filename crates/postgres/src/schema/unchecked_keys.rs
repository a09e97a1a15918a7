//! Foreign keys are made without a look at the rows, which would be a scan of
//! whole tables while the app is down.

use std::collections::BTreeMap;

use super::apply::Step;
use super::entry::{Entry, by_dump_id};
use crate::Error;
use crate::inventory::{Inventory, KeyCheck, Object, ObjectId};
use crate::session::Session;

/// Adds `NOT VALID` where the new server takes it and the old one's key is
/// valid. An archive's entry of a foreign key is one statement, which ends with
/// the key's definition (`pg_dump`'s `dumpConstraint`), and what is said there
/// about a constraint may come in any order (PostgreSQL manual, "ALTER TABLE").
pub(super) async fn make_not_valid(
    steps: &mut [Step],
    entries: &[Entry],
    inventory: &Inventory,
    new: &Session,
) -> Result<(), Error> {
    let version = version_num(new).await?;
    let by_id = by_dump_id(entries);
    let keys: BTreeMap<ObjectId, &Object> = inventory
        .unmanaged()
        .filter(|object| object.key_check(version) == Some(KeyCheck::AfterWindow))
        .map(|object| (object.id, object))
        .collect();
    for step in steps {
        let entry = step.dump_id.and_then(|id| by_id.get(&id));
        if entry.is_some_and(|entry| keys.contains_key(&entry.id)) {
            add_not_valid(&mut step.statements);
        }
    }
    Ok(())
}

/// The version of a session's server, such as 150018.
pub(crate) async fn version_num(session: &Session) -> Result<i32, Error> {
    let sql = "SELECT pg_catalog.current_setting('server_version_num')::int4";
    Ok(session.query_one(sql, &[]).await?.try_get(0)?)
}

/// Statements of another shape are left alone: then the key is checked.
fn add_not_valid(statements: &mut [String]) {
    let mut adding = statements
        .iter_mut()
        .filter(|text| text.starts_with("ALTER TABLE "));
    if let (Some(statement), None) = (adding.next(), adding.next()) {
        statement.push_str(" NOT VALID");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_alteration_is_added_to() {
        let add = "ALTER TABLE ONLY a.\"x; NOT VALID\"\n    ADD CONSTRAINT \";\" FOREIGN KEY (b) REFERENCES a.c(d) DEFERRABLE";
        let mut statements = vec!["SET x = y".to_owned(), add.to_owned()];
        add_not_valid(&mut statements);
        assert_eq!(statements[0], "SET x = y");
        assert_eq!(statements[1], format!("{add} NOT VALID"));
        let mut two = vec![add.to_owned(), add.to_owned()];
        add_not_valid(&mut two);
        assert_eq!(two, [add, add]);
    }
}
