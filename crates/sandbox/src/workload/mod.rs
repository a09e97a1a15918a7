//! What the simulated app does with its database while its dynos run.

mod migration;
mod operation;
mod outcome;
mod schema;
mod writer;

pub use schema::{ManagedWrites, Workload, WrittenTable};

pub(crate) use migration::migrate;
pub(crate) use operation::Write;

pub(crate) use writer::DynoRun;
