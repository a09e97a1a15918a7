//! The state of Heroku: apps, add-ons, attachments, releases, dynos, and how they change.
//!
//! Nothing here knows HTTP; `platform` and `data` translate.

mod addons;
mod app;
mod attach;
mod attachments;
mod availability;
mod catalog;
mod config;
mod directory;
mod dynos;
mod formation;
mod interventions;
mod names;
mod provisioning;
mod refusal;
mod releases;
mod spec;
mod state;

pub use app::{ReleaseOutcome, ReleasePhase};
pub use availability::{Reason, TurnedAway};
pub use provisioning::{Provisioning, ProvisioningOutcome};
pub use spec::{AppSpec, PostgresSpec, ProcessSpec, SpecError};

pub(crate) use addons::NewAddon;
pub(crate) use app::{App, Dyno, ProcessType, Release};
pub(crate) use attach::NewAttachment;
pub(crate) use attachments::{Attachment, Namespace};
pub(crate) use catalog::{DYNO_SIZES, Plan, SERVICES, Service, dyno_size_id};
pub(crate) use formation::FormationChange;
pub(crate) use refusal::Refusal;
pub(crate) use state::{Addon, AddonObserver, AddonState, State, World};
