//! A Salesforce organisation held in memory.
//!
//! It knows objects and their fields, records with 18-character ids, upserts by external id, and
//! it remembers every write with the one who made it, so that an auditor can tell a doubled
//! record from a single one. It plays no HTTP: only the Connect side of the sandbox talks to it.

mod audit;
mod error;
mod fit;
mod generate;
mod guess;
mod ids;
mod object;
mod organisation;
mod others;
mod record;
mod schema;
mod store;

pub use audit::{Doubled, Source, Write, WriteAction};
pub use error::SalesforceError;
pub use fit::fit_export;
pub use organisation::{Organisation, OrganisationInfo};
pub use others::OtherUsers;
pub use record::{RecordView, Values};
pub use schema::{Field, FieldType, ObjectSchema, Relationship};
