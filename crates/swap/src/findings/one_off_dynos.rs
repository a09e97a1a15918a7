//! `one-off-dynos`: dynos that neither maintenance mode nor scaling stops.

use connect_swap_heroku::platform::{Dyno, DynoState};

use super::listing::{program, shortened};
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "one-off-dynos";

/// The process type of the release phase; the window waits for it by itself.
const RELEASE: &str = "release";

/// Dynos of `heroku run` and of schedulers are not in the formation: they go on while the app is
/// in maintenance and scaled to 0 (Platform API, dynos and formation).
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let running: Vec<&Dyno> = snapshot
        .dynos
        .iter()
        .filter(|dyno| is_one_off(snapshot, dyno))
        .collect();
    if running.is_empty() {
        return None;
    }
    let finding = Finding::new(CODE, Severity::Warn, "one-off dynos are running")
        .seen(shortened(running.iter().map(|dyno| line(dyno)).collect()))
        .why(
            "They keep running while the app is stopped and may write to the old database; the \
             window would cut them off in the middle of their work.",
        )
        .todo("let them finish, and keep scheduled jobs from starting during the window");
    let stops = running
        .iter()
        .map(|dyno| command::heroku(snapshot, &format!("ps:stop {}", command::word(&dyno.name))));
    Some(
        shortened(stops.collect())
            .into_iter()
            .fold(finding, Finding::todo),
    )
}

fn is_one_off(snapshot: &Snapshot, dyno: &Dyno) -> bool {
    let of_formation = |kind: &str| snapshot.formation.iter().any(|f| f.process_type == kind);
    dyno.process_type != RELEASE
        && !of_formation(&dyno.process_type)
        && !matches!(dyno.state, DynoState::Crashed | DynoState::Down)
}

fn line(dyno: &Dyno) -> String {
    match &dyno.command {
        Some(command) => format!("{} ({}): {}", dyno.name, dyno.state, program(command)),
        None => format!("{} ({})", dyno.name, dyno.state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{dyno, healthy};

    #[test]
    fn dynos_of_the_formation_and_the_release_phase_are_no_matter() {
        let mut snapshot = healthy();
        snapshot.dynos.push(dyno("release.7", "release", "up"));
        snapshot.dynos.push(dyno("run.8", "run", "down"));
        assert_eq!(check(&snapshot, Phase::Cutover), None);
    }

    #[test]
    fn a_one_off_dyno_is_named() {
        let mut snapshot = healthy();
        snapshot.dynos.push(dyno("run.1234", "run", "up"));
        snapshot
            .dynos
            .push(dyno("scheduler.5", "scheduler", "starting"));
        snapshot.dynos.last_mut().unwrap().command = Some("rake sync[hush]".into());
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(
            finding.seen,
            ["run.1234 (up): bash", "scheduler.5 (starting): rake"]
        );
        assert_eq!(finding.todo[1], "heroku ps:stop run.1234 -a demo");
    }
}
