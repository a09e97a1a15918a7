//! Questions an auditor asks of Connect.

use jiff::Timestamp;
use uuid::Uuid;

use super::runs::{Physical, Run};
use super::service::Connect;
use crate::salesforce::{Doubled, RecordView, Write};

/// Two connections that ran against one physical database at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The database.
    pub physical: Physical,
    /// The two connections.
    pub connections: [Uuid; 2],
    /// From when both ran, sandbox time.
    pub from: Timestamp,
    /// Until when; `None` while they still do.
    pub to: Option<Timestamp>,
}

impl Connect {
    /// Every time in which a connection ran against a database.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        self.inner.runs.all()
    }

    /// Times in which two connections ran against one physical database, those of one app's
    /// add-ons or of several apps'. There must be none in a clean swap.
    #[must_use]
    pub fn overlaps(&self) -> Vec<Overlap> {
        let runs = self.runs();
        let pairs = runs
            .iter()
            .enumerate()
            .flat_map(|(n, one)| runs[n + 1..].iter().map(move |other| (one, other)));
        pairs
            .filter_map(|(one, other)| overlap(one, other))
            .collect()
    }

    /// The records of an object in the app's organisation, deleted ones with them.
    #[must_use]
    pub fn salesforce_records(&self, app: &str, object: &str) -> Vec<RecordView> {
        self.organisation(app)
            .map(|organisation| organisation.records(object))
            .unwrap_or_default()
    }

    /// Records of the app's organisation that share an external id.
    #[must_use]
    pub fn doubled(&self, app: &str, object: &str, external_id: &str) -> Vec<Doubled> {
        self.organisation(app)
            .map(|organisation| organisation.doubled(object, external_id))
            .unwrap_or_default()
    }

    /// Every write to the app's organisation: who, when, what.
    #[must_use]
    pub fn writes(&self, app: &str) -> Vec<Write> {
        self.organisation(app)
            .map(|organisation| organisation.writes())
            .unwrap_or_default()
    }
}

fn overlap(one: &Run, other: &Run) -> Option<Overlap> {
    if one.connection == other.connection || one.physical != other.physical {
        return None;
    }
    let from = one.from.max(other.from);
    let to = match (one.to, other.to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let connections = [one.connection, other.connection];
    to.is_none_or(|to| to > from).then(|| Overlap {
        physical: one.physical.clone(),
        connections,
        from,
        to,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, from: i64, to: Option<i64>) -> Run {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let physical = Physical {
            host: "h".to_owned(),
            port: 1,
            database: name.to_owned(),
        };
        Run {
            physical,
            connection: Uuid::new_v4(),
            resource_name: "c".to_owned(),
            from: at(from),
            to: to.map(at),
        }
    }

    #[test]
    fn runs_overlap_in_time_and_place_or_not_at_all() {
        let first = run("a", 0, Some(10));
        assert!(overlap(&first, &run("a", 5, Some(20))).is_some());
        assert!(overlap(&first, &run("a", 5, None)).is_some());
        assert!(overlap(&first, &run("a", 10, Some(20))).is_none());
        assert!(overlap(&first, &run("b", 5, Some(20))).is_none());
        assert!(overlap(&first, &first).is_none());
    }
}
