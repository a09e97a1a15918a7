//! `connect-maintenance`: Heroku's own maintenances of Connect.

use super::Phase;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "connect-maintenance";

/// Heroku announces maintenances of Connect about two weeks ahead; they last up to 45 minutes,
/// syncing and configuring stop, and they cannot be moved (dev center, "Heroku Connect
/// maintenance operations"). No API tells of them, so this is always said.
pub(super) fn check(_snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let what = match phase {
        Phase::Prep => "loading would stop for that time",
        Phase::Cutover => "cutover would stop in the middle of the window",
    };
    Some(
        Finding::new(CODE, Severity::Info, "Heroku announces maintenances of Connect; this tool cannot see them")
            .seen(["no API tells of planned maintenances"])
            .why(format!(
                "A maintenance lasts up to 45 minutes in which Connect neither syncs nor can be configured: {what}."
            ))
            .todo("look for planned maintenances at https://status.heroku.com"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn is_always_said_and_never_in_the_way() {
        for phase in [Phase::Prep, Phase::Cutover] {
            let finding = check(&healthy(), phase).unwrap();
            assert_eq!(finding.severity, Severity::Info);
            assert!(finding.todo[0].contains("https://status.heroku.com"));
        }
        let prep = check(&healthy(), Phase::Prep).unwrap();
        assert_ne!(prep.why, check(&healthy(), Phase::Cutover).unwrap().why);
    }
}
