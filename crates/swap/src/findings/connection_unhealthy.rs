//! `connection-unhealthy`: a connection that does not sync, or syncs another organisation.

use connect_swap_heroku::connect::{Connection, ConnectionState};

use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "connection-unhealthy";

/// The old connection must be syncing, at cutover the new one as well; a state that nobody has
/// described is not taken for a good one (dev center, "Heroku Connect connection states").
///
/// At cutover a paused connection is no obstacle: the window begins by pausing both. A new
/// connection of another Salesforce organisation is one at any time.
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let mut trouble = Trouble::default();
    trouble.look_at("old", snapshot, &snapshot.connection, phase);
    match &snapshot.new.connection {
        Some(new) => {
            if phase == Phase::Cutover {
                trouble.look_at("new", snapshot, new, phase);
            }
            trouble.compare_organisations(snapshot, new);
        }
        None if phase == Phase::Cutover => {
            trouble
                .seen
                .push("the new connection is not there, or this user may not see it".into());
            trouble
                .todo
                .push(command::heroku(snapshot, "connect:info --check-for-new"));
        }
        None => {}
    }
    trouble.into_finding()
}

#[derive(Default)]
struct Trouble {
    seen: Vec<String>,
    todo: Vec<String>,
}

impl Trouble {
    fn look_at(&mut self, which: &str, snapshot: &Snapshot, connection: &Connection, phase: Phase) {
        let state = &connection.state;
        let resting = *state == ConnectionState::Paused && phase == Phase::Cutover;
        if state.is_ok() || resting {
            return;
        }
        let name = &connection.resource_name;
        self.seen.push(format!(
            "the {which} connection {name} is {state}: {}",
            meaning(state)
        ));
        self.todo.push(remedy(snapshot, connection));
    }

    fn compare_organisations(&mut self, snapshot: &Snapshot, new: &Connection) {
        let old = &snapshot.subject.old.organization_id;
        if let Some(other) = new.organization_id.as_ref().filter(|other| *other != old) {
            self.seen.push(format!(
                "the new connection {} belongs to Salesforce organisation {other}, the old one to {old}",
                new.resource_name
            ));
            self.todo.push(format!(
                "authorise the new connection as a user of organisation {old}: {}",
                command::connect(snapshot, "sf:auth", &new.resource_name)
            ));
        }
    }

    fn into_finding(self) -> Option<Finding> {
        if self.seen.is_empty() {
            return None;
        }
        let finding = Finding::new(CODE, Severity::Block, "a Connect connection is not healthy")
            .seen(self.seen)
            .why(
                "Data would not flow while the new pair loads or after the swap, and a connection \
                 that does not run cannot be paused or moved safely.",
            );
        Some(self.todo.into_iter().fold(finding, Finding::todo))
    }
}

fn meaning(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::New => "it has no database and schema yet",
        ConnectionState::NeedAuthentication => "Salesforce is not authorised",
        ConnectionState::Paused => "somebody paused it, so nothing is synced",
        ConnectionState::Recovery => "it is coming back from trouble and not there yet",
        ConnectionState::SystemError => "it stopped with an unexpected error",
        ConnectionState::DbUnavailable => "it cannot reach its database",
        ConnectionState::TooManyRows => "it has more rows than its plan permits",
        ConnectionState::Unauthorized => "Salesforce's authorisation has expired",
        ConnectionState::HerokuUnauth => "its access to the database at Heroku failed",
        ConnectionState::InactiveOrg => "the Salesforce organisation is inactive",
        _ => "this state is not known to be a good one",
    }
}

fn remedy(snapshot: &Snapshot, connection: &Connection) -> String {
    let name = &connection.resource_name;
    let connect = |words: &str| command::connect(snapshot, words, name);
    match connection.state {
        ConnectionState::Paused => connect("resume"),
        ConnectionState::NeedAuthentication | ConnectionState::Unauthorized => connect("sf:auth"),
        ConnectionState::SystemError => {
            format!(
                "{}; if it stops again, ask Heroku's support",
                connect("resume")
            )
        }
        ConnectionState::DbUnavailable => format!(
            "check the database with {}, then {}",
            command::heroku(snapshot, "pg:info"),
            connect("resume")
        ),
        ConnectionState::Recovery => {
            format!("wait, and look again with {}", connect("state"))
        }
        ConnectionState::TooManyRows => {
            "talk to Heroku about the rows in your contract, or map fewer objects".to_owned()
        }
        ConnectionState::InactiveOrg => {
            "see to the organisation in Salesforce, then run the same command".to_owned()
        }
        _ => format!(
            "look at its dashboard: {}",
            command::dashboard(snapshot, name)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{healthy, healthy_with_new_pair};

    #[test]
    fn silent_while_both_run() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
        assert_eq!(check(&healthy_with_new_pair(), Phase::Cutover), None);
    }

    #[test]
    fn an_error_and_an_unknown_state_block() {
        for state in [
            "UNAUTHORIZED",
            "DB_UNAVAILABLE",
            "RECOVERY",
            "NEVER_HEARD_OF",
        ] {
            let mut snapshot = healthy();
            snapshot.connection.state = state.into();
            let finding = check(&snapshot, Phase::Prep).unwrap();
            assert_eq!(finding.severity, Severity::Block);
            assert!(finding.seen[0].contains(state), "{finding:?}");
        }
    }

    #[test]
    fn a_pause_is_trouble_before_prep_only() {
        let mut snapshot = healthy_with_new_pair();
        snapshot.connection.state = ConnectionState::Paused;
        assert_eq!(check(&snapshot, Phase::Cutover), None);
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(
            finding.todo,
            ["heroku connect:resume -a demo --resource herokuconnect-round-1"]
        );
    }

    #[test]
    fn the_new_connection_counts_at_cutover() {
        let mut snapshot = healthy_with_new_pair();
        snapshot.new.connection.as_mut().unwrap().state = ConnectionState::NeedAuthentication;
        assert_eq!(check(&snapshot, Phase::Prep), None);
        assert!(
            check(&snapshot, Phase::Cutover).unwrap().seen[0].starts_with("the new connection")
        );
        snapshot.new.connection = None;
        assert!(check(&snapshot, Phase::Cutover).is_some());
        assert_eq!(check(&snapshot, Phase::Prep), None);
    }

    #[test]
    fn another_organisation_blocks_at_once() {
        let mut snapshot = healthy_with_new_pair();
        snapshot.new.connection.as_mut().unwrap().organization_id = Some("00Dother".into());
        for phase in [Phase::Prep, Phase::Cutover] {
            assert!(check(&snapshot, phase).unwrap().seen[0].contains("00Dother"));
        }
    }
}
