//! Sets sequences on the new side while nobody writes to either side.

use super::{AT_ONCE, SequenceSet, State, of_customer, states};
use crate::Error;
use crate::ident::TableRef;
use crate::inventory::{Inventory, Object};
use crate::session::{Session, refuse_same};

/// Sets the customer's sequences on the new side to the old side's exact
/// position, but never back from where they stand there already
/// ([`advance_sequences`](crate::advance_sequences) moves them past their
/// columns). One that cycles is set to the old side's position. Takes a few
/// statements, however many sequences there are and whatever the tables hold.
/// Connect's own sequences are left alone. May be repeated.
///
/// # Errors
/// [`Error::Changed`] when the old side lacks a sequence of the inventory, and
/// what the servers answer.
pub async fn set_sequences(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
) -> Result<Vec<SequenceSet>, Error> {
    refuse_same(old, new).await?;
    let (sequences, here) = on_old(old, inventory).await?;
    let there = states(new, &sequences).await?;
    let mut all = Vec::with_capacity(sequences.len());
    let mut to_set = Vec::with_capacity(sequences.len());
    for ((sequence, (_, old)), new) in sequences.into_iter().zip(&here).zip(there) {
        let kept = new.filter(|new| new.is_beyond(old));
        let stands = kept.as_ref().unwrap_or(old);
        let one = SequenceSet {
            sequence,
            value: stands.last_value,
            is_called: stands.is_called,
            beyond_old: kept.is_some(),
        };
        if !one.beyond_old {
            to_set.push(one.clone());
        }
        all.push(one);
    }
    set(new, &to_set).await?;
    Ok(all)
}

/// The customer's sequences, and where each stands on the old side.
pub(super) async fn on_old<'a>(
    old: &Session,
    inventory: &'a Inventory,
) -> Result<(Vec<TableRef>, Vec<(&'a Object, State)>), Error> {
    let (objects, sequences): (Vec<&Object>, Vec<TableRef>) = of_customer(inventory).unzip();
    let mut here = Vec::with_capacity(objects.len());
    let found = states(old, &sequences).await?;
    for ((object, sequence), state) in objects.into_iter().zip(&sequences).zip(found) {
        let state = state.ok_or_else(|| Error::Changed {
            what: format!("sequence {sequence} is gone"),
        })?;
        here.push((object, state));
    }
    Ok((sequences, here))
}

pub(super) async fn set(new: &Session, sequences: &[SequenceSet]) -> Result<(), Error> {
    for some in sequences.chunks(AT_ONCE) {
        let names: Vec<String> = some.iter().map(|one| one.sequence.sql()).collect();
        let values: Vec<i64> = some.iter().map(|one| one.value).collect();
        let called: Vec<bool> = some.iter().map(|one| one.is_called).collect();
        new.query(
            "SELECT pg_catalog.setval(w.name::regclass, w.value, w.called) \
             FROM unnest($1::text[], $2::int8[], $3::bool[]) AS w (name, value, called)",
            &[&names, &values, &called],
        )
        .await?;
    }
    Ok(())
}
