//! The connect-swap binary: arguments, screens, prompts, progress, signals, exit codes.

pub mod args;
mod browser;
mod commands;
mod env;
mod error;
mod event_line;
mod frame;
mod gate;
mod identity;
mod log_file;
mod picker;
mod redact;
mod rehearsal;
mod retries;
mod run;
mod signals;
mod sinks;
mod state_dir;
mod ui;
mod usage;

pub use run::run;
