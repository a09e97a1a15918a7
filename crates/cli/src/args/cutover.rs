//! `cutover`.

use std::time::Duration;

use clap::Args;

use super::values;

/// move the app to the new pair in a short window of downtime
///
/// Stops the app's writes, lets Connect drain, copies what Connect does not manage, promotes the
/// new database and starts the app again. Asks before each destructive step. What fails before
/// the promotion leads back to the old pair with the app up.
#[derive(Debug, Clone, Default, Args)]
pub struct Cutover {
    /// go back by itself when the window is open for longer than this
    #[arg(long, value_name = "LENGTH", value_parser = values::length_of_time)]
    pub max_downtime: Option<Duration>,

    /// refresh materialized views whose tables changed before the app is up again, not after
    #[arg(long)]
    pub refresh_in_window: bool,
}
