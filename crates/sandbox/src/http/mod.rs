//! The one HTTP port: who may come in, what goes wrong on purpose, and what is written down.

mod fault;
mod gate;
mod listener;
mod log;
mod rate;
mod tokens;

pub use fault::{Fault, FaultError, FaultKind};
pub use log::LoggedRequest;

pub(crate) use fault::Faults;
pub(crate) use gate::{Gate, guard};
pub(crate) use listener::{Abort, AbortableListener};
pub(crate) use log::RequestLog;
pub(crate) use rate::{Bucket, limit};
pub(crate) use tokens::Tokens;
