//! Compares where sequences stand.

use super::differences::{Difference, DifferenceKind};
use crate::Error;
use crate::inventory::{Inventory, ObjectKind};
use crate::sequences::{State, of_customer, state};
use crate::session::Session;

/// Compares the numbers that the customer's sequences would give out next.
/// Being ahead of the old side is right (a sequence is moved past what its
/// column holds); being behind is not, nor is any difference of a sequence
/// that cycles.
///
/// # Errors
/// When a server cannot be asked.
pub async fn compare_sequences(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
) -> Result<Vec<Difference>, Error> {
    let mut found = Vec::new();
    for (object, sequence) in of_customer(inventory) {
        let Some(here) = state(old, &sequence).await? else {
            continue;
        };
        let what = match state(new, &sequence).await? {
            None => Some(DifferenceKind::Missing),
            Some(there) => behind(&here, &there),
        };
        found.extend(what.map(|what| Difference {
            kind: ObjectKind::Sequence,
            object: object.identity.clone(),
            what,
        }));
    }
    Ok(found)
}

fn behind(old: &State, new: &State) -> Option<DifferenceKind> {
    let (old_next, new_next) = (old.next(), new.next());
    let behind = if old.cycles {
        old_next != new_next
    } else if old.increment < 0 {
        new_next > old_next
    } else {
        new_next < old_next
    };
    behind.then_some(DifferenceKind::SequenceBehind { old_next, new_next })
}
