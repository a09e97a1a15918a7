//! The task that works for one connection.

mod apply;
mod database_poll;
mod import;
mod load;
mod order;
mod reach;
mod rows;
mod salesforce_poll;
mod session;
mod task;
mod write;

pub(crate) use apply::apply;
pub(crate) use load::Page;
pub(crate) use session::Session;
pub(crate) use task::Engine;
