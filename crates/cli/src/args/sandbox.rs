//! `sandbox`.

use std::path::PathBuf;

use clap::Args;

use super::values;

/// start the servers of a rehearsal and print the environment for another terminal
///
/// Runs until Ctrl-C. In the other terminal `heroku connect:swap:prep --app demo`,
/// `heroku ps --app demo` and a browser work against it.
#[derive(Debug, Clone, Args)]
pub struct Sandbox {
    /// What to play with.
    #[command(flatten)]
    pub world: World,
}

/// What a rehearsal plays with.
#[derive(Debug, Clone, Args)]
pub struct World {
    /// export of a real connection to take the mappings from
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// rows of the largest table
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub rows: Option<u64>,
    /// how many times faster than real time its clock runs
    #[arg(long, value_name = "N", default_value = "10", value_parser = values::speed)]
    pub speed: f64,
}
