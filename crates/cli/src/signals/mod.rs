//! Ctrl-C, SIGTERM and SIGHUP.
//!
//! The first Ctrl-C finishes the step and pauses (in the window: asks); a second one, 300 ms later
//! or more, stops at once. SIGTERM and SIGHUP pause without a question. A run that paused ends
//! with exit code 5; only an immediate stop ends with 130 (SIGINT), 143 (SIGTERM) or 129 (SIGHUP).

mod listener;
mod policy;
mod source;
mod words;

pub(crate) use listener::{Listener, listen};
pub(crate) use policy::{Presses, Stopping};
#[cfg(feature = "sandbox")]
pub(crate) use source::Ending;
