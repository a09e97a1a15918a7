//! Flags that every command takes.

use clap::{ArgAction, Args};
use connect_swap_heroku::{AddonName, AppName};

use super::values;

/// What every command takes, before or after its name.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// app to run the command against
    #[arg(short, long, global = true, value_name = "APP")]
    pub app: Option<AppName>,
    /// git remote of the app; only the Heroku CLI can resolve it
    #[arg(short, long, global = true, value_name = "REMOTE")]
    pub remote: Option<String>,
    /// name of the Connect add-on to replace, where the app has several
    #[arg(long, global = true, value_name = "NAME")]
    pub resource: Option<AddonName>,
    /// agree to everything that can be put back or costs money
    #[arg(long, global = true, help_heading = "Consent")]
    pub yes: bool,
    /// agree to downtime and destruction by naming the app, or the add-on that is destroyed
    #[arg(long, global = true, value_name = "NAME", help_heading = "Consent")]
    pub confirm: Vec<String>,
    /// accept a blocking finding by its code
    #[arg(long, global = true, value_name = "CODE", value_parser = values::finding_code,
          help_heading = "Consent")]
    pub ack: Vec<String>,
    /// seconds between two looks at something slow
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Pace")]
    pub wait_interval: u64,
    /// how many workers copy tables at once (default: what machine and databases allow)
    #[arg(long, global = true, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=64), help_heading = "Pace")]
    pub jobs: Option<u16>,
    /// copy no faster than this, such as 20MB/s
    #[arg(long, global = true, value_name = "RATE", value_parser = values::rate,
          help_heading = "Pace")]
    pub throttle: Option<u64>,
    /// print the result as one JSON document
    #[arg(
        long,
        global = true,
        conflicts_with = "events",
        help_heading = "Output"
    )]
    pub json: bool,
    /// print what happens as JSON, one object a line; the last one is the summary
    #[arg(long, global = true, help_heading = "Output")]
    pub events: bool,
    /// no colours, no animation: one line with its time for each thing that happens
    #[arg(long, global = true, help_heading = "Output")]
    pub plain: bool,
    /// show this help (-h: in short)
    #[arg(short, long, global = true, action = ArgAction::Help)]
    pub help: Option<bool>,
}
