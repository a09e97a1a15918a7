//! The two real PostgreSQL servers under a sandbox.
//!
//! They live in a temporary directory, listen on loopback alone, and end with the process that
//! started them, however it ends ([`watchdog`]).

mod account;
mod binaries;
mod cluster;
mod database;
mod directory;
mod error;
mod outage;
mod pair;
mod watchdog;

pub use binaries::{Installation, find_installation};
pub use database::{Database, Server};
pub use error::ServerError;
pub use outage::{Frozen, Shutdown};
pub use pair::{Generation, ServerPair};
