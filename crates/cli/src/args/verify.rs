//! `verify`.

use clap::Args;

/// check that the new pair holds what the old one held and that data flows; changes nothing
#[derive(Debug, Clone, Default, Args)]
pub struct Verify {}
