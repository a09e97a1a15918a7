//! The plugin in the real Heroku CLI: installed from its packages, on a pseudo-terminal and without
//! one, until it is uninstalled.
//!
//! Needs npm's package `heroku` 11 (`CONNECT_SWAP_HEROKU_CLI` names its `bin/run.js`) and the packages
//! that `cargo xtask package` makes (`CONNECT_SWAP_PACKAGES` names their directory); skipped, saying
//! so, where one of them is not there.

mod cli;
mod help;
mod install;
mod keyboard;
mod registry;
mod signals;
