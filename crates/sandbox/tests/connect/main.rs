//! Connect against real PostgreSQL servers, spoken to over HTTP as any client would.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests fail as tests do, and a skipped test says so"
)]

mod exports;
mod login;
mod pause;
mod shapes;
mod support;
mod sync;
mod trouble;
