//! `feature-flags-differ`: the new connection would behave in another way than the old one.

use super::connection_settings::differences;
use super::listing::counted;
use super::{Phase, command, window};
use crate::finding::Finding;
use crate::topology::Snapshot;

const CODE: &str = "feature-flags-differ";

/// Feature flags, logging and API version are no part of what an import is known to apply, and
/// some flags are set by Heroku's support only (Heroku Connect API, connection `features`).
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let new = snapshot.new.connection.as_ref()?;
    let seen = differences(&snapshot.connection, new);
    if seen.is_empty() {
        return None;
    }
    let title = format!(
        "{} of the new connection not as in the old one",
        counted(seen.len() as u64, "setting")
    );
    Some(
        window::due_at_cutover(CODE, phase, &title)
            .seen(seen)
            .why(
                "These settings decide how changes reach Salesforce and what is loaded; with other \
                 ones the app behaves differently after the swap without any error.",
            )
            .todo(format!(
                "set them as in the old connection: {}",
                command::dashboard(snapshot, &new.resource_name)
            ))
            .todo("what the dashboard does not offer, Heroku's support sets: open a ticket naming both add-ons"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::finding::Severity;
    use crate::findings::fixture::{healthy, healthy_with_new_pair};

    #[test]
    fn silent_while_there_is_no_new_connection_or_no_difference() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
        assert_eq!(check(&healthy_with_new_pair(), Phase::Cutover), None);
    }

    #[test]
    fn a_difference_warns_first_and_blocks_cutover() {
        let mut snapshot = healthy_with_new_pair();
        let new = snapshot.new.connection.as_mut().unwrap();
        new.features["poll_db_no_merge"] = Value::Bool(false);
        assert_eq!(
            check(&snapshot, Phase::Prep).unwrap().severity,
            Severity::Warn
        );
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.title,
            "1 setting of the new connection not as in the old one"
        );
        assert!(finding.seen[0].contains("Merged Writes"));
    }
}
