//! `id-references`: what points at rows of mapped tables by a number that changes.

use connect_swap_postgres::{IdReference, ReferenceKind};

use super::Phase;
use super::listing::shortened;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "id-references";

/// The `id` of a mapped table is no identifier: it can start anew when a configuration is
/// imported into a new database (dev center, "Heroku Connect duplicate record issues").
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let references = &snapshot.database.id_references;
    if references.is_empty() {
        return None;
    }
    Some(
        Finding::new(CODE, Severity::Block, "something refers to the id of mapped tables")
            .seen(shortened(references.iter().map(line).collect()))
            .why(
                "Connect numbers the rows anew in the new database. These references would then \
                 point at other records, though the number of rows is right.",
            )
            .todo("refer to sfid, or to a unique external id, instead of id")
            .todo("look for code that keeps these ids elsewhere: caches, jobs, links; nobody can see that in the database")
            .todo("where a view only shows the id and nothing relies on it, accept this with --ack id-references"),
    )
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
}
