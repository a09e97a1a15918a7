//! `odata`: Salesforce reads tables of the old connection as External Objects.

use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "odata";

/// External Objects are served at an address and with credentials of the connection's own; the
/// new connection gets others, and no export carries them (Heroku Connect API, connection
/// `odata`).
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    if !snapshot.connection.odata {
        return None;
    }
    let old = &snapshot.connection.resource_name;
    let new = &snapshot.subject.new.connect;
    Some(
        Finding::new(CODE, Severity::Block, "Salesforce uses External Objects of the old connection")
            .seen([format!("{old} serves External Objects")])
            .why(
                "The new connection has another address and other credentials for them. Until a \
                 person changes the external data source, Salesforce would read the old database.",
            )
            .todo(format!(
                "note which tables are shared, in the old dashboard: {}",
                command::dashboard(snapshot, old)
            ))
            .todo(format!(
                "once the new connection is there, share the same tables: {}",
                command::dashboard(snapshot, new)
            ))
            .todo("plan to change address and credentials of the external data source in Salesforce right after the swap")
            .todo("then accept this with --ack odata"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn silent_where_nothing_is_served() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn blocks_where_something_is() {
        let mut snapshot = healthy();
        snapshot.connection.odata = true;
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.seen,
            ["herokuconnect-round-1 serves External Objects"]
        );
    }
}
