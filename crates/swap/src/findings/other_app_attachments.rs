//! `other-app-attachments`: other apps that use the old pair.

use super::Phase;
use super::listing::shortened;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "other-app-attachments";

/// The promotion moves the app's own DATABASE and its pool and nothing else (Heroku CLI,
/// `src/commands/pg/promote.ts`): other apps would go on with the old database.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let old = [&snapshot.old_database.id, &snapshot.old_connect.id];
    let mut foreign: Vec<_> = snapshot
        .old_attachments
        .iter()
        .chain(&snapshot.attachments)
        .filter(|a| old.contains(&&a.addon.id) && a.app.id != snapshot.app.id)
        .collect();
    foreign.sort_by(|a, b| (&a.app.name, &a.name).cmp(&(&b.app.name, &b.name)));
    foreign.dedup_by(|a, b| a.id == b.id);
    if foreign.is_empty() {
        return None;
    }
    let seen = foreign
        .iter()
        .map(|a| format!("app {} has {} as {}", a.app.name, a.addon.name, a.name));
    let finding = Finding::new(CODE, Severity::Block, "other apps use the old pair")
        .seen(shortened(seen.collect()))
        .why(
            "Those apps are not stopped in the window and stay on the old database: what they \
             write there afterwards is lost to this app.",
        );
    let commands = foreign
        .iter()
        .map(|a| format!("heroku addons:detach {} -a {}", a.name, a.app.name));
    let finding = shortened(commands.collect())
        .into_iter()
        .fold(finding, Finding::todo);
    Some(finding.todo(format!(
        "after the swap attach the new one instead: heroku addons:attach {} --as NAME -a OTHER-APP",
        snapshot.subject.new.database
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{attachment, healthy};

    #[test]
    fn silent_while_only_this_app_uses_the_pair() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn names_each_foreign_attachment_once() {
        let mut snapshot = healthy();
        let mut foreign = attachment("at-9", "SHARED", &snapshot.old_database);
        foreign.app = serde_json::from_str(r#"{"id":"app-9","name":"reports"}"#).unwrap();
        snapshot.old_attachments.push(foreign.clone());
        snapshot.attachments.push(foreign);
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.seen,
            ["app reports has postgresql-flat-1 as SHARED"]
        );
        assert_eq!(finding.todo[0], "heroku addons:detach SHARED -a reports");
        assert!(finding.todo[1].ends_with("addons:attach postgresql-new-1 --as NAME -a OTHER-APP"));
    }
}
