//! Moves the customer's sequences on the new side to where the old side's are,
//! or past what their columns hold.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::inventory::{Inventory, Object, ObjectKind};
use crate::session::{Session, refuse_same};

/// A sequence that was set on the new side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceSet {
    /// The sequence.
    pub sequence: TableRef,
    /// Its `last_value`.
    pub value: i64,
    /// Whether that value has been given out.
    pub is_called: bool,
    /// Whether its column holds numbers beyond what it had given out.
    pub past_column: bool,
}

/// Where a sequence stands, and its parameters (`pg_sequence`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) last_value: i64,
    pub(crate) is_called: bool,
    pub(crate) increment: i64,
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) cycles: bool,
}

impl State {
    /// The number that would be given out next. May be past the limits.
    pub(crate) fn next(&self) -> i128 {
        let step = if self.is_called { self.increment } else { 0 };
        i128::from(self.last_value) + i128::from(step)
    }

    /// Where the sequence must stand so that no number in its column is given
    /// out again. `extreme` is the column's largest, or for a descending
    /// sequence its smallest, number.
    fn past(&self, extreme: Option<i64>) -> (i64, bool, bool) {
        let unchanged = (self.last_value, self.is_called, false);
        let Some(extreme) = extreme else {
            return unchanged;
        };
        let beyond = if self.increment < 0 {
            extreme < self.last_value
        } else {
            extreme > self.last_value
        };
        let used = extreme == self.last_value && !self.is_called;
        let within = (self.min..=self.max).contains(&extreme);
        if !self.cycles && within && (beyond || used) {
            (extreme, true, true)
        } else {
            unchanged
        }
    }
}

/// The customer's sequences.
pub(crate) fn of_customer(inventory: &Inventory) -> impl Iterator<Item = (&Object, TableRef)> {
    inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::Sequence)
        .filter_map(|object| Some((object, object.as_table()?)))
}

/// Where a sequence stands; `None` where there is no such sequence.
pub(crate) async fn state(session: &Session, sequence: &TableRef) -> Result<Option<State>, Error> {
    let there = session
        .query_opt(
            "SELECT s.seqincrement, s.seqmin, s.seqmax, s.seqcycle FROM pg_catalog.pg_sequence s \
             JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1 AND c.relname = $2",
            &[&sequence.schema, &sequence.name],
        )
        .await?;
    let Some(parameters) = there else {
        return Ok(None);
    };
    let position = session
        .query_one(
            &format!("SELECT last_value, is_called FROM {}", sequence.sql()),
            &[],
        )
        .await?;
    Ok(Some(State {
        last_value: position.try_get(0)?,
        is_called: position.try_get(1)?,
        increment: parameters.try_get(0)?,
        min: parameters.try_get(1)?,
        max: parameters.try_get(2)?,
        cycles: parameters.try_get(3)?,
    }))
}

/// Sets the customer's sequences on the new side: to the old side's position,
/// or past the largest number that the owning column holds (for a descending
/// sequence the smallest; a cycling one is set to the old side's position).
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
    let mut all = Vec::new();
    for (object, sequence) in of_customer(inventory) {
        let state = state(old, &sequence).await?.ok_or_else(|| Error::Changed {
            what: format!("sequence {sequence} is gone"),
        })?;
        let extreme = extreme(old, object, state.increment).await?;
        let (value, is_called, past_column) = state.past(extreme);
        new.query_one(
            "SELECT pg_catalog.setval($1::text::regclass, $2, $3)",
            &[&sequence.sql(), &value, &is_called],
        )
        .await?;
        all.push(SequenceSet {
            sequence,
            value,
            is_called,
            past_column,
        });
    }
    Ok(all)
}

/// The number in the owning column that is farthest in the sequence's
/// direction; `None` without such a column, or where it holds no whole numbers.
async fn extreme(session: &Session, object: &Object, increment: i64) -> Result<Option<i64>, Error> {
    let (Some(table), Some(column)) = (&object.table, object.columns.first()) else {
        return Ok(None);
    };
    let whole_numbers = session
        .query_opt(
            "SELECT 1 FROM pg_catalog.pg_attribute a \
             WHERE a.attrelid = $1::text::regclass AND a.attname = $2 \
               AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)",
            &[&table.sql(), column],
        )
        .await?;
    if whole_numbers.is_none() {
        return Ok(None);
    }
    let function = if increment < 0 { "min" } else { "max" };
    let sql = format!(
        "SELECT {function}({})::int8 FROM {}",
        quote_ident(column),
        table.sql()
    );
    Ok(session.query_one(&sql, &[]).await?.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascending(last_value: i64, is_called: bool) -> State {
        State {
            last_value,
            is_called,
            increment: 1,
            min: 1,
            max: 1000,
            cycles: false,
        }
    }

    #[test]
    fn a_sequence_is_moved_past_what_its_column_holds() {
        assert_eq!(ascending(10, true).past(Some(25)), (25, true, true));
        assert_eq!(ascending(10, true).past(Some(10)), (10, true, false));
        assert_eq!(ascending(10, true).past(Some(3)), (10, true, false));
        assert_eq!(ascending(10, true).past(None), (10, true, false));
    }

    #[test]
    fn an_unused_sequence_stays_unused_unless_its_first_number_is_taken() {
        assert_eq!(ascending(1, false).past(None), (1, false, false));
        assert_eq!(ascending(1, false).past(Some(1)), (1, true, true));
        assert_eq!(ascending(1, false).next(), 1);
    }

    #[test]
    fn descending_and_cycling_sequences_follow_their_own_rules() {
        let descending = State {
            increment: -1,
            min: -1000,
            max: -1,
            ..ascending(-5, true)
        };
        assert_eq!(descending.past(Some(-9)), (-9, true, true));
        assert_eq!(descending.past(Some(-2)), (-5, true, false));
        let cycling = State {
            cycles: true,
            ..ascending(5, true)
        };
        assert_eq!(cycling.past(Some(900)), (5, true, false));
    }

    #[test]
    fn a_number_outside_of_the_limits_moves_nothing() {
        assert_eq!(ascending(10, true).past(Some(5000)), (10, true, false));
    }
}
