//! Heroku Connect (dev center "Heroku Connect API"; heroku-connect-plugin `src/lib`).

mod actions;
mod authorize;
mod client;
mod configuration;
mod connection;
mod discovery;
mod mapping;
mod mapping_edit;
mod objects;
mod settings;
mod states;
mod write_errors;

pub use authorize::AuthorizeRequest;
pub use client::Connect;
pub use connection::{Connection, DatabaseRef, SalesforceInfo};
pub use discovery::ConnectionSummary;
pub use mapping::{Counts, Mapping, MappingAccess, Times};
pub use objects::FieldSchema;
pub use settings::DbKey;
pub use states::{ConnectionState, MappingState};
pub use write_errors::WriteError;
