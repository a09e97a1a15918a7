//! `mapping-not-synced`: a table that is not completely loaded.

use connect_swap_heroku::connect::{Connection, Mapping, MappingState};

use super::listing::{counted, shortened};
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "mapping-not-synced";

/// Every mapping of the old connection must be loaded, at cutover every one of the new connection
/// as well (dev center, "Heroku Connect mapping states").
///
/// A mapping that takes over changes has been loaded before: of a new one prep has seen
/// `DATA_SYNCED`, and the window proves it once more when both connections are at rest. After an
/// abort the table is incomplete, whatever some clients make of that state.
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let complete = |state: &MappingState| state.is_loaded() || state.is_incremental();
    let mut unready = unready("old", &snapshot.connection, complete);
    if let Some(new) = snapshot
        .new
        .connection
        .as_ref()
        .filter(|_| phase == Phase::Cutover)
    {
        unready.extend(self::unready("new", new, complete));
    }
    if unready.is_empty() {
        return None;
    }
    let title = format!(
        "{} not completely loaded",
        counted(unready.len() as u64, "mapping")
    );
    let seen = unready.iter().map(Unready::line).collect();
    let finding = Finding::new(CODE, Severity::Block, title)
        .seen(shortened(seen))
        .why(
            "A table that is still loading, was aborted or stopped with an error has rows missing; \
         after the swap the app would work with it.",
        );
    Some(
        advice(snapshot, &unready)
            .into_iter()
            .fold(finding, Finding::todo),
    )
}

struct Unready<'a> {
    which: &'static str,
    connection: &'a Connection,
    mapping: &'a Mapping,
}

impl Unready<'_> {
    fn line(&self) -> String {
        let Self { which, mapping, .. } = self;
        let words = mapping
            .state_description
            .as_deref()
            .filter(|words| *words != "OK");
        let words = words.map(|words| format!(" ({words})")).unwrap_or_default();
        format!(
            "{which} connection, {}: {}{words}",
            mapping.object_name, mapping.state
        )
    }

    /// Whether it comes right by itself.
    fn is_under_way(&self) -> bool {
        self.mapping.state.is_loading() || self.mapping.state.is_incremental()
    }
}

fn unready<'a>(
    which: &'static str,
    connection: &'a Connection,
    is_ready: impl Fn(&MappingState) -> bool,
) -> Vec<Unready<'a>> {
    let mappings = connection
        .mappings
        .iter()
        .filter(|mapping| !is_ready(&mapping.state));
    mappings
        .map(|mapping| Unready {
            which,
            connection,
            mapping,
        })
        .collect()
}

fn advice(snapshot: &Snapshot, unready: &[Unready<'_>]) -> Vec<String> {
    let mut advice = Vec::new();
    if unready.iter().any(Unready::is_under_way) {
        advice.push("wait until those under way are done, then run the same command".to_owned());
    }
    let stopped = unready.iter().filter(|unready| !unready.is_under_way());
    let reloads = stopped.map(|unready| {
        let words = format!(
            "mapping:reload {}",
            command::word(&unready.mapping.object_name)
        );
        format!(
            "see why it stopped, mend that, then reload it: {}",
            command::connect(snapshot, &words, &unready.connection.resource_name)
        )
    });
    advice.extend(shortened(reloads.collect()));
    advice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{healthy, healthy_with_new_pair};

    #[test]
    fn loaded_mappings_are_fine_while_they_take_over_changes() {
        assert_eq!(check(&healthy_with_new_pair(), Phase::Cutover), None);
        let mut snapshot = healthy();
        snapshot.connection.mappings[0].state = MappingState::PollingSfChanges;
        assert_eq!(check(&snapshot, Phase::Prep), None);
    }

    #[test]
    fn loading_aborted_failed_and_unknown_states_block() {
        for state in ["RESYNC", "ABORTED", "BULK_LOAD_ERROR", "RECOVERY", "SYNCED"] {
            let mut snapshot = healthy();
            snapshot.connection.mappings[0].state = state.into();
            let finding = check(&snapshot, Phase::Prep).unwrap();
            assert_eq!(finding.severity, Severity::Block);
            assert_eq!(finding.seen, [format!("old connection, Account: {state}")]);
            assert_eq!(
                finding.todo[0].starts_with("wait"),
                state == "RESYNC",
                "{state}"
            );
        }
    }

    #[test]
    fn of_the_new_connection_an_aborted_load_blocks_at_cutover_only() {
        let mut snapshot = healthy_with_new_pair();
        let new = snapshot.new.connection.as_mut().unwrap();
        new.mappings[1].state = MappingState::PollingSfChanges;
        new.mappings[0].state = MappingState::Aborted;
        assert_eq!(check(&snapshot, Phase::Prep), None);
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.title, "1 mapping not completely loaded");
        assert!(finding.todo.iter().any(|line| line.ends_with(
            "heroku connect:mapping:reload Account -a demo --resource herokuconnect-new-1"
        )));
    }
}
