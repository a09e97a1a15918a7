//! `report`.

use clap::Args;

/// tell what a swap did, when, and what was verified; changes nothing
#[derive(Debug, Clone, Default, Args)]
pub struct Report {}
