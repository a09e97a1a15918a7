//! The sandbox as a whole, in this process.

mod connect;
mod control;
mod environment;
mod start;

pub use control::ControlError;
pub use start::{Sandbox, StartError};
