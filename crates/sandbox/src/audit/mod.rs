//! What the app was told is written, and what is found of it afterwards.

mod compare;
mod history;
mod ledger;
mod of_world;
mod organisation;
mod report;

pub use ledger::{Acknowledged, Unknown};
pub use of_world::AuditError;
pub use report::{Audit, Finding};

pub(crate) use compare::Organisation;
pub(crate) use ledger::{Ledger, Place};
