//! Harness shared by the end-to-end suites.

mod app_state;
mod binary;
mod clocks;
pub mod databases;
mod ending;
mod http;
mod meddling;
mod operator;
mod requests;
mod scene;
pub mod schema;
mod second_connection;
mod sweeping;
mod terminal;

pub use app_state::AppState;
pub use binary::{allowing_browser, binary, interrupt, signal, try_signal};
pub use clocks::put_forward;
pub use ending::{ended, says_app_is, told};
pub use http::local_client;
pub use meddling::{AtConsent, AtStep};
pub use operator::{Script, ScriptedGate, consenting};
pub use requests::is_mutating;
pub use scene::{Recorder, Scene, shared_sandbox, shared_sandbox_with};
pub use sweeping::{faults, twice};
pub use terminal::Terminal;
