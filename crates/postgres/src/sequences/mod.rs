//! Where the customer's sequences stand, and how the new side's get there.

mod advance;
mod extreme;
mod set;
mod state;

use serde::{Deserialize, Serialize};

pub use advance::advance_sequences;
pub use set::set_sequences;

pub(crate) use state::{State, states};

use crate::ident::TableRef;
use crate::inventory::{Inventory, Object, ObjectKind, When};

/// How many relations one statement names. Each of them is locked, and a server
/// has a limited number of locks (PostgreSQL manual, `max_locks_per_transaction`).
const AT_ONCE: usize = 200;

/// A sequence that was set on the new side, or stands there rightly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceSet {
    /// The sequence.
    pub sequence: TableRef,
    /// Its `last_value`.
    pub value: i64,
    /// Whether that value has been given out.
    pub is_called: bool,
    /// Whether it stands beyond what the old side has given out.
    pub beyond_old: bool,
}

/// The customer's sequences that are carried over.
pub(crate) fn of_customer(inventory: &Inventory) -> impl Iterator<Item = (&Object, TableRef)> {
    inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::Sequence)
        .filter(|object| !matches!(object.when, When::NotCarried(_)))
        .filter_map(|object| Some((object, object.as_table()?)))
}
