//! `follow`.

use std::time::Duration;

use clap::Args;

use super::values;

/// keep bringing over what the app changes, between prep and cutover
///
/// Prep ends with triggers that note which rows change. This takes the notes out of the live
/// database and brings the new one up to date, again and again, so that the notes stay small and
/// cutover has little left to do. Not needed for a cutover soon after prep. Ends by itself when the
/// window opens; Ctrl-C ends it after the round that is under way.
#[derive(Debug, Clone, Args)]
pub struct Follow {
    /// pause between two rounds, a second or more
    #[arg(long, value_name = "LENGTH", default_value = "30s", value_parser = values::pause)]
    pub every: Duration,
    /// make one round and end
    #[arg(long)]
    pub once: bool,
}
