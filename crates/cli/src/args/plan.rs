//! `plan`.

use clap::Args;

use super::Wanted;

/// show what prep and cutover would do, and what stands in the way; changes nothing
///
/// Reads the app, its database and its Connect connection, lists findings, and shows every step
/// with what it costs, how long it takes and how it is undone.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// What the new pair is to be like.
    #[command(flatten)]
    pub wanted: Wanted,
}
