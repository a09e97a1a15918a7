//! `cleanup`.

use clap::Args;

/// destroy the pair that is not in use
///
/// After a finished cutover that is the old pair, after an abandoned prep the new one. Asks for
/// the name of each add-on, and refuses whatever it cannot prove unused.
#[derive(Debug, Clone, Default, Args)]
pub struct Cleanup {}
