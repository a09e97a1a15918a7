//! Compares where sequences stand.

use super::differences::{Difference, DifferenceKind};
use crate::Error;
use crate::inventory::{Inventory, ObjectKind};
use crate::sequences::{State, of_customer, states};
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
    let (objects, sequences): (Vec<_>, Vec<_>) = of_customer(inventory).unzip();
    let (here, there) = tokio::try_join!(states(old, &sequences), states(new, &sequences))?;
    let mut found = Vec::new();
    for ((object, here), there) in objects.into_iter().zip(here).zip(there) {
        let Some(here) = here else {
            continue;
        };
        let what = match there {
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
    let behind = old_next != new_next && !new.is_beyond(old);
    behind.then_some(DifferenceKind::SequenceBehind { old_next, new_next })
}
