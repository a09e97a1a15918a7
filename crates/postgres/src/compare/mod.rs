//! Proves that both sides agree: definitions, rows, sequences.

mod definitions;
mod details;
mod differences;
mod extra;
mod keys;
mod normal;
mod rows;
mod sequences;
mod sums;
mod validity;

pub(crate) use definitions::definitions;
pub(crate) use differences::differences;
pub use differences::{Difference, DifferenceKind, compare_definitions};
pub use rows::{CompareOptions, Comparison, TableComparison, compare_rows, compare_rows_at};
pub use sequences::compare_sequences;
pub use sums::Forced;
pub(crate) use sums::row_hash;
