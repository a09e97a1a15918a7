//! The Platform API (Platform API reference, schema `version=3`).

mod account;
mod addons;
mod apps;
mod attachments;
mod client;
mod config_vars;
mod dynos;
mod formation;
mod plans;
mod releases;

pub use account::Account;
pub use addons::{Addon, AddonState, NewAddon, ServiceRef};
pub use apps::{App, AppRef};
pub use attachments::{AddonRef, Attachment};
pub use client::Platform;
pub use config_vars::ConfigVars;
pub use dynos::{Dyno, DynoRelease, DynoState};
pub use formation::{Formation, FormationUpdate};
pub use plans::{PlanRef, Price};
pub use releases::{Release, ReleaseStatus};
