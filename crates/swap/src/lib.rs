//! The domain of the swap: what there is, what stands in the way, what to do in which order, and
//! what came of it.
//!
//! Deliberately absent: the terminal, environment variables, HTTP and the wire of PostgreSQL.

pub mod commands;
pub mod configuration;
pub mod downtime;
mod exit;
mod finding;
pub mod findings;
pub mod journal;
mod operator;
pub mod plans;
mod report;
pub mod steps;
pub mod topology;
mod trouble;
pub mod words;
pub mod world;

pub use connect_swap_postgres::Overrides;
pub use downtime::Estimate;
pub use exit::ExitCode;
pub use finding::{Finding, Severity, acknowledge};
pub use operator::{
    Browser, CutoverArgs, FollowArgs, Identity, Operator, Pace, Picker, PrepArgs, Target,
    WaitSettings,
};
pub use report::{Problem, Report, Section};
