//! `release-phase`: a command that Heroku runs at each release.

use super::Phase;
use super::listing::program;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "release-phase";

/// Each attachment makes a release, the promotion too, and each release runs the process type
/// `release`; the CLI's own promotion ends well even where that fails (Heroku CLI,
/// `src/commands/pg/promote.ts`).
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let release = snapshot
        .formation
        .iter()
        .find(|formation| formation.process_type == "release")?;
    let command = release.command.as_deref().map_or("a command", program);
    Some(
        Finding::new(
            CODE,
            Severity::Info,
            "a release command will run in the window",
        )
        .seen([format!("release: {command}")])
        .why(
            "It runs when the app's add-ons change, and in the window against the new \
                 database. This tool waits for its end and takes its failure for a failure.",
        )
        .todo(
            "be sure that it may run several times, and that it is quick: it adds to the downtime",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{formation, healthy};

    #[test]
    fn silent_without_a_release_command() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn names_the_program() {
        let mut snapshot = healthy();
        snapshot
            .formation
            .push(formation("release", 0, "rake db:migrate"));
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Info);
        assert_eq!(finding.seen, ["release: rake"]);
    }
}
