//! Consent: by flag, or by a person at a terminal.

mod answers;
mod consents;
mod gatekeeper;
mod prompt;

pub(crate) use answers::{Answers, Keyboard};
pub(crate) use consents::Consents;
pub(crate) use gatekeeper::Gatekeeper;
