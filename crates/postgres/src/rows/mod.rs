//! Copying rows from server to server.

pub(crate) mod columns;
mod copy;
mod relay;

pub use copy::{CopyOptions, CopyProgress, TableCopied, analyze_tables, copy_tables};
