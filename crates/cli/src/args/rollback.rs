//! `rollback`.

use clap::Args;

/// go back to the old pair
///
/// Possible until the app has been started on the new database. After that it refuses, because
/// what the app wrote since would be lost.
#[derive(Debug, Clone, Default, Args)]
pub struct Rollback {}
