//! Heroku Connect: discovery, the region API, and an engine that really syncs.
//!
//! Each connection is one task. It resolves its `db_key` through the app's config vars at the
//! moment it works, makes the schema, tables, functions, triggers and logs that Connect makes in a
//! real PostgreSQL database, loads rows from the in-memory organisation, sends what the trigger
//! log captured, and polls in both directions, all in sandbox time.
//!
//! What Heroku documents is played as documented. Where the documentation is silent the choice is
//! a field of [`Behaviour`], so that a client can be tried against each possibility.

mod audit;
mod config;
mod connection;
mod control;
pub(crate) mod ddl;
mod engine;
mod error;
mod http;
mod login;
mod mapping;
mod options;
mod runs;
mod seed;
mod service;
mod settings;
mod state;

pub use audit::Overlap;
pub use control::MappingFailure;
pub use error::ConnectError;
pub use http::{PUBLIC_PREFIX, router};
pub use options::{Behaviour, Login, PauseWhenBusy, SalesforceOptions, SettingsPatch};
pub use runs::{Physical, Run};
pub use seed::{SeedConnection, SeedMapping};
pub use service::Connect;
pub use state::{ConnectionState, MappingState};
