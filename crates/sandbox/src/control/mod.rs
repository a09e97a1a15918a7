//! The control API under `/_sandbox/`: what a test or a curious person may do to the sandbox from
//! outside. The crate's documentation lists its requests.

mod apps;
mod requests;
mod routes;

pub(crate) use routes::{Control, router};
