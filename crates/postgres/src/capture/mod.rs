//! Capture: which rows of the customer's tables change in the old database,
//! written down by triggers there, without replication or superuser rights.
//!
//! A table's triggers write the keys of changed rows, not the rows, into a log
//! of its own in schema `connect_swap`. A [round](crate::round) takes them out
//! and brings the new database's rows of those keys to what the old one has.

mod bytes;
mod discover;
mod fingerprint;
mod install;
mod limit;
mod marks;
mod patience;
mod remove;
mod sizes;
mod sql;
mod state;
mod unit;

pub use bytes::unit_bytes;
pub(crate) use discover::keys_of;
pub use discover::units;
pub(crate) use fingerprint::fingerprints;
pub(crate) use install::is_ours;
pub use install::{CaptureStarted, install_capture};
pub use limit::CaptureLimit;
pub use marks::{changed_since, distrust_all, moment};
pub(crate) use marks::{complete_state, mark_changed, mark_seeded, mark_stale, mark_unseeded};
pub use remove::{is_captured, remove_capture};
pub use sizes::{CaptureSizes, capture_sizes};
pub(crate) use sql::{LOGS_AT_ONCE, log};
pub use state::{Captured, Standing, captured};
pub(crate) use state::{FIND_MARKS, Mark, MarkKind, STATE};
pub(crate) use unit::Target;
pub use unit::{KeyColumn, Unit, Whole};
