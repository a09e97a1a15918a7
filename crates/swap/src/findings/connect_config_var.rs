//! `connect-config-var`: config vars that name the old connection's database and schema.

use std::collections::BTreeSet;

use super::listing::shortened;
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::{Snapshot, attachments_of};

const CODE: &str = "connect-config-var";

/// A Connect add-on sets `HEROKUCONNECT_URL` to `DB_KEY:SCHEMA`, the config var and schema of its
/// connection, as seen in applications that read it. After the swap that is the old connection's
/// still, which then uses the old database.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let old = &snapshot.old_connect;
    let attached: Vec<_> = attachments_of(&snapshot.attachments, &old.id)
        .filter(|attachment| attachment.app.id == snapshot.app.id)
        .collect();
    let mut vars: BTreeSet<String> = old.config_vars.iter().map(ToString::to_string).collect();
    vars.extend(
        attached
            .iter()
            .map(|attachment| attachment.name.config_var().to_string()),
    );
    if vars.is_empty() {
        return None;
    }
    let seen = vars
        .iter()
        .map(|var| format!("{var} belongs to {}", old.name))
        .collect();
    let mut finding = Finding::new(
        CODE,
        Severity::Warn,
        "config vars of the old Connect add-on stay with it",
    )
    .seen(shortened(seen))
    .why(
        "Their value names the config var and the schema that the old connection uses, and \
             follows it. Code that reads them would be led to the old database after the swap.",
    )
    .todo("search the app's code for these names; where nothing reads them, nothing is to be done");
    for attachment in attached {
        let (name, new) = (&attachment.name, &snapshot.subject.new.connect);
        // Heroku refuses to detach an add-on's last attachment.
        finding = finding.todo(format!(
            "otherwise after the swap: {}; {}; {}",
            command::heroku(
                snapshot,
                &format!("addons:attach {} --as OLD_{name}", old.name)
            ),
            command::heroku(snapshot, &format!("addons:detach {name}")),
            command::heroku(snapshot, &format!("addons:attach {new} --as {name}")),
        ));
    }
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn silent_where_the_add_on_gives_the_app_nothing() {
        let mut snapshot = healthy();
        let old = snapshot.old_connect.id.clone();
        snapshot
            .attachments
            .retain(|attachment| attachment.addon.id != old);
        snapshot.old_connect.config_vars.clear();
        assert_eq!(check(&snapshot, Phase::Prep), None);
    }

    #[test]
    fn gives_the_commands_that_move_the_name() {
        let finding = check(&healthy(), Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(
            finding.seen,
            ["HEROKUCONNECT_URL belongs to herokuconnect-round-1"]
        );
        assert!(finding.todo[1].ends_with(
            "heroku addons:attach herokuconnect-round-1 --as OLD_HEROKUCONNECT -a demo; \
             heroku addons:detach HEROKUCONNECT -a demo; \
             heroku addons:attach herokuconnect-new-1 --as HEROKUCONNECT -a demo"
        ));
    }
}
