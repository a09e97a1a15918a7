//! Proves that both sides agree: definitions, rows, sequences.

mod definitions;
mod differences;
mod rows;
mod sequences;

pub(crate) use definitions::definitions;
pub(crate) use differences::differences;
pub use differences::{Difference, DifferenceKind, compare_definitions};
pub use rows::{Comparison, TableComparison, compare_counts, compare_rows};
pub use sequences::compare_sequences;
