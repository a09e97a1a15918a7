//! The findings of a command, and whether they stand in its way.

use crate::exit::ExitCode;
use crate::finding::Finding;
use crate::findings::{Phase, preflight};
use crate::report::{Problem, Report};
use crate::topology::Snapshot;

/// Takes the findings into the report; says whether the command may go on.
pub(super) fn passes(
    report: &mut Report,
    snapshot: &Snapshot,
    phase: Phase,
    acks: &[String],
    extra: Vec<Finding>,
) -> bool {
    let mut findings = preflight(snapshot, phase, acks);
    let replaced: Vec<&str> = extra.iter().map(|finding| finding.code.as_str()).collect();
    findings.retain(|finding| !replaced.contains(&finding.code.as_str()));
    findings.extend(extra);
    findings.sort_by_key(|finding| (!finding.blocks(), finding.severity));
    report.findings = findings;
    report.findings.iter().all(|finding| !finding.blocks())
}

/// Ends the report because findings block; nothing was changed. What was accepted and is no finding may
/// be a slip of the finger.
pub(super) fn block(report: &mut Report, acks: &[String], app_state: &str) {
    let blocking: Vec<&Finding> = report.findings.iter().filter(|f| f.blocks()).collect();
    let codes: Vec<_> = blocking
        .iter()
        .map(|finding| finding.code.clone())
        .collect();
    let unknown = acks
        .iter()
        .filter(|ack| !report.findings.iter().any(|finding| finding.code == **ack))
        .map(|ack| format!("--ack {ack} is the code of none of the findings"));
    let ways = [
        "mend what each finding says, then run the same command".to_owned(),
        format!("or accept one with --ack CODE, such as --ack {}", codes[0]),
    ];
    report.error = Some(Problem {
        message: format!("blocked by {}", codes.join(", ")),
        causes: Vec::new(),
        app_state: app_state.to_owned(),
        hints: unknown.chain(ways).collect(),
        by_hand: Vec::new(),
    });
    report.exit = ExitCode::Blocked;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy_with_new_pair;

    #[test]
    fn a_code_that_is_misspelt_is_named() {
        let acks = ["manual-setting".to_owned()];
        let mut report = Report::new("cutover", "demo");
        assert!(!passes(
            &mut report,
            &healthy_with_new_pair(),
            Phase::Cutover,
            &acks,
            vec![]
        ));
        block(&mut report, &acks, "nothing was changed");
        let problem = report.error.expect("it is blocked");
        assert_eq!(
            problem.hints[0],
            "--ack manual-setting is the code of none of the findings"
        );
        assert!(
            problem
                .hints
                .last()
                .unwrap()
                .contains("--ack manual-settings")
        );
    }
}
