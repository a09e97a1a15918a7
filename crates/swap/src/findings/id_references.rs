//! `id-references`: what points at rows of mapped tables by a number that changes.

use connect_swap_postgres::{IdReference, ReferenceKind};

use super::Phase;
use super::listing::shortened;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "id-references";

/// The `id` of a mapped table is no identifier: it can start anew when a configuration is
/// imported into a new database (dev center, "Heroku Connect duplicate record issues").
/// A column that is only named as if it held one is a guess, which never blocks.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let references = &snapshot.database.id_references;
    let (guessed, sure): (Vec<_>, Vec<_>) = references
        .iter()
        .partition(|reference| reference.kind == ReferenceKind::Column);
    let (severity, title) = match (sure.is_empty(), guessed.is_empty()) {
        (true, true) => return None,
        (true, false) => (Severity::Warn, "columns may hold the id of mapped tables"),
        (false, _) => (
            Severity::Block,
            "something refers to the id of mapped tables",
        ),
    };
    let finding = Finding::new(CODE, severity, title)
        .seen(shortened(sure.into_iter().chain(guessed).map(line).collect()))
        .why(
            "Connect numbers the rows anew in the new database. These references would then \
             point at other records, though the number of rows is right.",
        )
        .todo("refer to sfid, or to a unique external id, instead of id")
        .todo("look for code that keeps these ids elsewhere: caches, jobs, links; nobody can see that in the database");
    Some(if severity == Severity::Block {
        finding.todo("where a view only shows the id and nothing relies on it, accept this with --ack id-references")
    } else {
        finding
    })
}

fn line(reference: &IdReference) -> String {
    let IdReference {
        kind,
        relation,
        name,
        managed,
    } = reference;
    match kind {
        ReferenceKind::ForeignKey => {
            format!("foreign key {name} of {relation} points at {managed}.id")
        }
        ReferenceKind::View => format!("view {relation} uses {managed}.id"),
        ReferenceKind::MaterializedView => {
            format!("materialized view {relation} uses {managed}.id")
        }
        ReferenceKind::Rule => format!("rule {name} on {relation} uses {managed}.id"),
        ReferenceKind::Policy => format!("policy {name} on {relation} uses {managed}.id"),
        ReferenceKind::Function => format!("function {relation} uses {managed}.id"),
        ReferenceKind::Column => {
            format!("column {name} of {relation} is named as if it held {managed}.id")
        }
    }
}

#[cfg(test)]
mod tests {
    use connect_swap_postgres::TableRef;

    use super::*;
    use crate::findings::fixture::healthy;

    fn reference(kind: ReferenceKind, name: &str) -> IdReference {
        IdReference {
            kind,
            relation: TableRef::new("public", "photo"),
            name: name.into(),
            managed: TableRef::new("salesforce", "record__c"),
        }
    }

    #[test]
    fn silent_where_nothing_refers_to_it() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn foreign_keys_and_views_block() {
        let mut snapshot = healthy();
        snapshot.database.id_references = vec![
            reference(ReferenceKind::ForeignKey, "photo_record_fk"),
            reference(ReferenceKind::View, "photo"),
        ];
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.seen,
            [
                "foreign key photo_record_fk of public.photo points at salesforce.record__c.id",
                "view public.photo uses salesforce.record__c.id",
            ]
        );
    }

    #[test]
    fn a_guess_alone_only_warns() {
        let mut snapshot = healthy();
        let guess = reference(ReferenceKind::Column, "record_id");
        snapshot.database.id_references = vec![guess.clone()];
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(
            finding.seen,
            ["column record_id of public.photo is named as if it held salesforce.record__c.id"]
        );
        snapshot.database.id_references = vec![guess, reference(ReferenceKind::Policy, "own")];
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert!(finding.seen[0].starts_with("policy own on public.photo"));
    }
}
