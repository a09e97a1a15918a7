//! `uncarriable`: everything in the old database that this release would leave behind.

use connect_swap_postgres::Uncarriable;

use super::Phase;
use super::listing::{counted, shortened};
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "uncarriable";

/// What the inventory of the old database cannot take along, changes to mapped tables included
/// (`connect_swap_postgres::uncarriable`). All of it is listed, however long: who accepts it has
/// to know what is left behind.
pub(super) fn check(snapshot: &Snapshot, phase: Phase) -> Option<Finding> {
    let things = &snapshot.database.uncarriable;
    if things.is_empty() {
        return None;
    }
    let title = format!(
        "{} in the old database cannot be carried over",
        counted(things.len() as u64, "thing")
    );
    let finding = Finding::new(CODE, Severity::Block, title)
        .seen(
            things
                .iter()
                .map(|thing| format!("{} {}: {}", thing.kind, thing.name, thing.reason)),
        )
        .why(
            "The new database would lack them, and what relies on them would fail after the swap \
             or quietly do something else.",
        );
    let finding = advice(things).into_iter().fold(finding, Finding::todo);
    Some(match phase {
        Phase::Prep => finding
            .todo("or leave an object behind on purpose: --skip 'KIND:NAME', as plan names them"),
        Phase::Cutover => finding,
    })
}

/// Each advice once, with what it is for, in the order of the list.
fn advice(things: &[Uncarriable]) -> Vec<String> {
    let mut advice: Vec<(&str, Vec<String>)> = Vec::new();
    for thing in things {
        match advice
            .iter_mut()
            .find(|(what, _)| *what == thing.what_to_do)
        {
            Some((_, names)) => names.push(thing.name.clone()),
            None => advice.push((&thing.what_to_do, vec![thing.name.clone()])),
        }
    }
    let line =
        |(what, names): (&str, Vec<String>)| format!("{}: {what}", shortened(names).join(", "));
    advice.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    fn thing(kind: &str, name: &str, what_to_do: &str) -> Uncarriable {
        Uncarriable {
            kind: kind.into(),
            name: name.into(),
            reason: "it cannot".into(),
            what_to_do: what_to_do.into(),
        }
    }

    #[test]
    fn silent_where_all_goes_along() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn lists_all_and_says_each_advice_once() {
        let mut snapshot = healthy();
        snapshot.database.uncarriable = (0..12)
            .map(|n| thing("index", &format!("i{n}"), "drop it"))
            .chain([thing(
                "column of a managed table",
                "salesforce.account.mine",
                "map it",
            )])
            .collect();
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(finding.seen.len(), 13);
        assert_eq!(
            finding.seen[12],
            "column of a managed table salesforce.account.mine: it cannot"
        );
        assert_eq!(
            finding.todo,
            [
                "i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, and 2 more: drop it",
                "salesforce.account.mine: map it",
                "or leave an object behind on purpose: --skip 'KIND:NAME', as plan names them",
            ]
        );
        let at_cutover = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(at_cutover.todo, finding.todo[..2]);
    }
}
