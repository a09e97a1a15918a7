//! The commands: each reads what there is, makes or takes up a plan, runs it, and reports.

mod adopt;
mod begin;
mod capture_view;
mod cleanup;
mod cutover;
mod finish;
mod follow;
mod forget;
mod gather;
mod inventory_table;
mod list;
mod locked;
mod next;
mod plan;
mod preflight;
mod prep;
mod report;
mod rollback;
mod snapshot;
mod stage;
mod status;
mod stopped;
mod told_once;
mod verify;
mod window;

pub use cleanup::cleanup;
pub use cutover::cutover;
pub use follow::follow;
pub use list::list;
pub use plan::{INVENTORY, plan};
pub use prep::prep;
pub use report::report;
pub use rollback::rollback;
pub use status::status;
pub use verify::verify;
