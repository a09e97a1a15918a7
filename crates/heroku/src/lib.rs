//! Typed clients of Heroku's Platform, Data and Connect APIs.
//!
//! [`Heroku`] is the entry: it knows where the three APIs are ([`Hosts`]), sends nothing that
//! changes anything when it was opened [`Access::ReadOnly`], retries what is safe to repeat, and
//! gives every refusal back as an [`Error`] that callers can tell apart.
//!
//! Deliberately absent: waiting for states (callers poll, they know what to show meanwhile), any
//! terminal, any environment variable read by itself, any credential store.

mod client;
mod error;
mod hosts;
mod names;
mod redact;
mod refusal;
mod transport;
mod watch;
mod wire;

pub mod connect;
pub mod data;
pub mod platform;

pub use client::{Access, Heroku, Settings};
pub use error::Error;
pub use hosts::{Hosts, HostsError};
pub use names::{
    AddonId, AddonName, AppId, AppName, AttachmentId, AttachmentName, ConfigVarName, ConnectionId,
    InvalidName, MappingId, ReleaseId,
};
pub use redact::without_secrets;
pub use refusal::{Call, Refusal};
pub use watch::{Retry, RetryReason, RetryWatcher};
