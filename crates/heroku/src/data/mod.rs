//! The Data API (heroku-cli `src/commands/pg/{info,wait}.ts`).

mod client;
mod database;
mod wait_status;

pub use client::Data;
pub use database::{DatabaseInfo, InfoRow};
pub use wait_status::{Readiness, WaitStatus};
