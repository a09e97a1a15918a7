//! Moves sequences on the new side past their columns, while the app runs.

use super::extreme::extremes;
use super::set::{on_old, set};
use super::{SequenceSet, State};
use crate::Error;
use crate::inventory::Inventory;
use crate::session::{Session, refuse_same};

impl State {
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

/// Sets the customer's sequences on the new side to the old side's position, or
/// past the largest number that the owning column holds there (for a descending
/// sequence the smallest; a cycling one is set to the old side's position).
/// Reads whole tables where such a column has no index, so that
/// [`set_sequences`](crate::set_sequences) need not. May be repeated.
///
/// # Errors
/// [`Error::Changed`] when the old side lacks a sequence of the inventory, and
/// what the servers answer.
pub async fn advance_sequences(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
) -> Result<Vec<SequenceSet>, Error> {
    refuse_same(old, new).await?;
    let (sequences, here) = on_old(old, inventory).await?;
    let extremes = extremes(old, &here).await?;
    let all: Vec<SequenceSet> = sequences
        .into_iter()
        .zip(here)
        .zip(extremes)
        .map(|((sequence, (_, state)), extreme)| {
            let (value, is_called, beyond_old) = state.past(extreme);
            SequenceSet {
                sequence,
                value,
                is_called,
                beyond_old,
            }
        })
        .collect();
    set(new, &all).await?;
    Ok(all)
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

    fn descending(last_value: i64) -> State {
        State {
            increment: -1,
            min: -1000,
            max: -1,
            ..ascending(last_value, true)
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
        assert_eq!(descending(-5).past(Some(-9)), (-9, true, true));
        assert_eq!(descending(-5).past(Some(-2)), (-5, true, false));
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

    #[test]
    fn ahead_is_where_a_sequence_counts_to_and_nowhere_for_one_that_cycles() {
        assert!(ascending(11, true).is_beyond(&ascending(10, true)));
        assert!(!ascending(11, false).is_beyond(&ascending(10, true)));
        assert!(!ascending(9, true).is_beyond(&ascending(10, true)));
        assert!(descending(-9).is_beyond(&descending(-5)));
        assert!(!descending(-4).is_beyond(&descending(-5)));
        let cycling = State {
            cycles: true,
            ..ascending(900, true)
        };
        assert!(!cycling.is_beyond(&ascending(5, true)));
    }
}
