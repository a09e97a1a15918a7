//! The command line: what can be typed, what it means, what its help says.
//!
//! Nothing here has an effect. The plugin's metadata and the documentation's command list are
//! generated from this model, so a flag is described once.

mod cleanup;
mod cutover;
mod examples;
mod follow;
mod global;
mod help;
mod plan;
mod prep;
mod rehearse;
mod report;
mod rollback;
mod root;
mod sandbox;
mod status;
mod values;
mod verify;

pub use cleanup::Cleanup;
pub use cutover::Cutover;
pub use examples::{Example, examples};
pub use follow::Follow;
pub use global::Global;
pub use help::{command, command_line};
pub use plan::Plan;
pub use prep::{Prep, Wanted};
pub use rehearse::Rehearse;
pub use report::Report;
pub use rollback::Rollback;
pub use root::{Cli, Command};
pub use sandbox::{Sandbox, World};
pub use status::Status;
pub use verify::Verify;
