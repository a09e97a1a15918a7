//! The Platform API (`version=3` and `version=3.sdk`): routes and the shapes of their answers.

mod account;
mod addons;
mod apps;
mod attachments;
mod catalog;
mod dynos;
mod error;
mod formation;
mod identity;
mod range;
mod releases;
mod represent;
mod resolve;
mod routes;

pub(crate) use routes::router;
