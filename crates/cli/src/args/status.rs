//! `status`.

use clap::Args;

/// show how far a swap is and what it waits for; changes nothing
#[derive(Debug, Clone, Default, Args)]
pub struct Status {
    /// look again at every --wait-interval until Ctrl-C
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
}
