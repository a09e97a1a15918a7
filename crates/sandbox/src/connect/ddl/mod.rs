//! The SQL of what Connect makes in a database: schema, logs, tables, functions, triggers.
//!
//! Names, columns and conditions are those seen in public dumps of Connect databases; function
//! bodies hard-code the schema's name, as Connect's do.

mod ident;
mod logs;
mod table;
mod triggers;

pub(crate) use ident::{literal, quote};
pub(crate) use logs::make_logs;
pub(crate) use table::{Column, TableShape, column_name};
