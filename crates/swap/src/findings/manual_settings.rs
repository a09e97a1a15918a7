//! `manual-settings`: what only a person can carry over.

use super::connection_settings::differences;
use super::{Phase, command, window};
use crate::finding::Finding;
use crate::topology::Snapshot;

const CODE: &str = "manual-settings";

/// None of these stands in an export or in any answer of the Heroku Connect API; a new add-on
/// begins with its own defaults and an empty access list (heroku-connect-plugin, `connect:info`
/// adds the caller only). So the operator's word is needed: `--ack manual-settings`.
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let old = &snapshot.connection.resource_name;
    let mut seen = vec![
        "notification e-mails: who is written to, and about what".to_owned(),
        "access list: which members of the team may open the connection".to_owned(),
        "log drain: whether and where Connect's log lines are sent, with alerts built on them"
            .to_owned(),
        "audit trail: the old connection's history does not move".to_owned(),
    ];
    if snapshot.connection.odata {
        seen.push("External Objects: shared tables, address and credentials".to_owned());
    }
    let new = snapshot.new.connection.as_ref();
    let now = new
        .map(|new| differences(&snapshot.connection, new))
        .unwrap_or_default();
    seen.extend(
        now.into_iter()
            .map(|difference| format!("differs now: {difference}")),
    );

    let finding = window::due_at_cutover(CODE, phase, "some settings only a person can carry over")
        .seen(seen)
        .why(
            "Heroku Connect shows these settings in its dashboard only, so this tool can neither \
             read nor set them. Forgotten, nobody is told when syncing stops.",
        )
        .todo(format!(
            "note them in the old dashboard: {}",
            command::dashboard(snapshot, old)
        ));
    let set = match new {
        Some(new) => format!(
            "set the same in the new one: {}",
            command::dashboard(snapshot, &new.resource_name)
        ),
        None => format!(
            "set the same in the new one once prep has made it: {}",
            command::dashboard(snapshot, &snapshot.subject.new.connect)
        ),
    };
    Some(
        finding
            .todo(set)
            .todo("when that is done, say so with --ack manual-settings"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Severity, acknowledge};
    use crate::findings::fixture::{healthy, healthy_with_new_pair};

    #[test]
    fn warns_in_prep_and_blocks_cutover_until_acknowledged() {
        let finding = check(&healthy(), Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        let mut finding = [check(&healthy_with_new_pair(), Phase::Cutover).unwrap()];
        assert!(finding[0].blocks());
        acknowledge(&mut finding, &[CODE.to_owned()]);
        assert!(!finding[0].blocks());
    }

    #[test]
    fn names_external_objects_only_where_they_are_in_use() {
        let speaks = |snapshot: &Snapshot| {
            let seen = check(snapshot, Phase::Prep).unwrap().seen;
            seen.iter().any(|line| line.starts_with("External Objects"))
        };
        let mut snapshot = healthy();
        assert!(!speaks(&snapshot));
        snapshot.connection.odata = true;
        assert!(speaks(&snapshot));
    }

    #[test]
    fn names_what_differs_once_the_new_connection_is_there() {
        let mut snapshot = healthy_with_new_pair();
        snapshot
            .new
            .connection
            .as_mut()
            .unwrap()
            .logplex_log_enabled = Some(true);
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        let last = finding.seen.last().unwrap();
        assert_eq!(last, "differs now: application logging: old off, new on");
        assert!(finding.todo[1].contains("herokuconnect-new-1"));
    }
}
