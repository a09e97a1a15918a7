//! The table of checks.

use connect_swap_postgres::{Extension, ServerInfo};

use super::{
    another_connection, connect_config_var, connect_maintenance, connection_unhealthy,
    copied_in_window, credential_attachments, extensions, external_sessions, failed_writes,
    feature_flags_differ, follower, id_references, large_objects, lock_table, manual_settings,
    mapping_not_synced, odata, one_off_dynos, other_app_attachments, pending_writes, pg_tools,
    plan_demo, release_phase, uncarriable, unsynced_rows, version_mismatch,
};
use crate::finding::{Finding, acknowledge};
use crate::topology::Snapshot;

/// What the findings are to decide: whether prep may begin, or whether cutover may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before the new pair is built; the app runs for hours or days yet.
    Prep,
    /// Before the window opens.
    Cutover,
}

type Check = fn(&Snapshot, Phase) -> Option<Finding>;

const CHECKS: [Check; 26] = [
    another_connection::check,
    connection_unhealthy::check,
    mapping_not_synced::check,
    pending_writes::check,
    failed_writes::check,
    unsynced_rows::check,
    id_references::check,
    other_app_attachments::check,
    credential_attachments::check,
    follower::check,
    one_off_dynos::check,
    external_sessions::check,
    manual_settings::check,
    feature_flags_differ::check,
    odata::check,
    plan_demo::check,
    release_phase::check,
    version_mismatch::check,
    extensions::check,
    large_objects::check,
    pg_tools::check,
    uncarriable::check,
    copied_in_window::check,
    lock_table::check,
    connect_config_var::check,
    connect_maintenance::check,
];

/// Everything the preflight has to say: what blocks first, then warnings, then what is good to
/// know; each code at most once. Those named in `acks` are marked as accepted and block no more.
pub fn preflight(snapshot: &Snapshot, phase: Phase, acks: &[String]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHECKS
        .iter()
        .filter_map(|check| check(snapshot, phase))
        .collect();
    // Stable: within a severity the order of the table stays.
    findings.sort_by_key(|finding| finding.severity);
    acknowledge(&mut findings, acks);
    findings
}

/// What the new database itself shows, as soon as it answers: of another kind than the old one
/// (`version-mismatch`), extensions elsewhere or missing (`extensions`). Takes the place of the
/// findings of those codes in [`preflight`], which are made without it.
pub fn new_database(
    snapshot: &Snapshot,
    server: &ServerInfo,
    extensions: &[Extension],
    acks: &[String],
) -> Vec<Finding> {
    let kind = version_mismatch::compare(snapshot, server);
    let elsewhere = extensions::compare(snapshot, extensions);
    let mut findings: Vec<Finding> = kind.into_iter().chain(elsewhere).collect();
    acknowledge(&mut findings, acks);
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::findings::fixture::{healthy, healthy_with_new_pair};

    fn codes(findings: &[Finding], severity: Severity) -> Vec<&str> {
        let of = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        of.map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn a_healthy_app_may_prepare() {
        let findings = preflight(&healthy(), Phase::Prep, &[]);
        assert!(
            codes(&findings, Severity::Block).is_empty(),
            "{findings:#?}"
        );
        assert_eq!(
            codes(&findings, Severity::Warn),
            ["manual-settings", "connect-config-var"]
        );
        assert_eq!(
            codes(&findings, Severity::Info),
            ["extensions", "connect-maintenance"]
        );
    }

    #[test]
    fn a_healthy_pair_waits_only_for_the_operators_word() {
        let snapshot = healthy_with_new_pair();
        let findings = preflight(&snapshot, Phase::Cutover, &[]);
        assert_eq!(
            codes(&findings, Severity::Block),
            ["manual-settings"],
            "{findings:#?}"
        );
        let findings = preflight(&snapshot, Phase::Cutover, &["manual-settings".to_owned()]);
        assert!(!findings.iter().any(Finding::blocks));
        assert!(
            findings
                .iter()
                .any(|f| f.acknowledged && f.severity == Severity::Block)
        );
    }

    #[test]
    fn what_blocks_comes_first_and_every_finding_speaks() {
        let mut snapshot = healthy();
        snapshot.connection.odata = true;
        snapshot.database.unreadable_large_objects = 1;
        let findings = preflight(&snapshot, Phase::Cutover, &[]);
        assert!(findings.is_sorted_by_key(|finding| finding.severity));
        assert_eq!(
            codes(&findings, Severity::Block),
            [
                "connection-unhealthy",
                "manual-settings",
                "odata",
                "large-objects"
            ]
        );
        for finding in &findings {
            assert!(
                !finding.title.contains('\n') && !finding.why.is_empty(),
                "{finding:#?}"
            );
            assert!(
                !finding.seen.is_empty() && !finding.todo.is_empty(),
                "{finding:#?}"
            );
        }
    }

    #[test]
    fn the_new_database_is_judged_when_it_answers() {
        let snapshot = healthy_with_new_pair();
        let old = &snapshot.database;
        assert!(new_database(&snapshot, &old.server, &old.extensions, &[]).is_empty());
        let mut server = old.server.clone();
        server.encoding = "SQL_ASCII".into();
        let acks = ["version-mismatch".to_owned()];
        let findings = new_database(&snapshot, &server, &[], &acks);
        assert_eq!(codes(&findings, Severity::Block), ["version-mismatch"]);
        assert_eq!(codes(&findings, Severity::Info), ["extensions"]);
        assert!(!findings.iter().any(Finding::blocks));
    }
}
