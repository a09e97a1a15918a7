//! `pending-writes`: changes on their way to Salesforce.

use super::listing::{counted, shortened};
use super::{Phase, command, window};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "pending-writes";

/// Connect sends what stands in its log as NEW or PENDING, looking every two minutes at the
/// latest (dev center, "Writing data to Salesforce with Heroku Connect").
///
/// While the old connection runs this is everyday traffic, which the window waits for. Where it
/// does not run, nobody sends these changes and the wait would never end.
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let log = &snapshot.database.trigger_log;
    let mut seen = Vec::new();
    if log.new + log.pending > 0 {
        seen.push(format!(
            "log of the old connection: {} not looked at yet, {} being sent",
            log.new, log.pending
        ));
    }
    let counts = snapshot.connection.mappings.iter().filter_map(|mapping| {
        let pending = mapping.counts.pending.filter(|pending| *pending > 0)?;
        Some(format!(
            "{}: Connect counts {} waiting",
            mapping.object_name,
            counted(pending, "change")
        ))
    });
    seen.extend(shortened(counts.collect()));
    if seen.is_empty() {
        return None;
    }
    let name = &snapshot.connection.resource_name;
    if snapshot.connection.state.is_ok() {
        let finding = Finding::new(
            CODE,
            Severity::Info,
            "some changes are on their way to Salesforce",
        );
        return Some(
            finding
                .seen(seen)
                .why(
                    "The window stops the app first and then waits until all of them are sent, so \
                     each one adds to the downtime.",
                )
                .todo("for a short window choose a time with few changes"),
        );
    }
    let title = "changes for Salesforce are waiting and nobody sends them";
    Some(
        window::due_at_cutover(CODE, phase, title)
            .seen(seen)
            .why(format!(
                "{name} is {}, so these changes stay where they are. After the swap they would be \
                 left in the old database.",
                snapshot.connection.state
            ))
            .todo(format!(
                "bring the connection back to work and let it send them: {}",
                command::connect(snapshot, "resume", name)
            )),
    )
}

#[cfg(test)]
mod tests {
    use connect_swap_heroku::connect::ConnectionState;

    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn silent_where_nothing_waits() {
        assert_eq!(check(&healthy(), Phase::Cutover), None);
    }

    #[test]
    fn everyday_traffic_is_only_told() {
        let mut snapshot = healthy();
        snapshot.database.trigger_log.new = 2;
        snapshot.database.trigger_log.pending = 1;
        snapshot.connection.mappings[1].counts.pending = Some(1);
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Info);
        assert_eq!(
            finding.seen,
            [
                "log of the old connection: 2 not looked at yet, 1 being sent",
                "Contact: Connect counts 1 change waiting",
            ]
        );
    }

    #[test]
    fn what_nobody_sends_blocks_cutover() {
        let mut snapshot = healthy();
        snapshot.database.trigger_log.new = 1;
        snapshot.connection.state = ConnectionState::Paused;
        assert_eq!(
            check(&snapshot, Phase::Prep).unwrap().severity,
            Severity::Warn
        );
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert!(finding.why.contains("PAUSED"));
    }
}
