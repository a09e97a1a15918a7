//! What the benches have in common: servers, client programs, how those are
//! measured, and how figures are shown.

pub(crate) mod account;
pub(crate) mod cluster;
pub(crate) mod figures;
pub(crate) mod goal;
pub(crate) mod measure;
pub(crate) mod place;
pub(crate) mod processes;
pub(crate) mod programs;

use std::io::Write;

/// What went wrong, in words: nobody acts on the kind of an error here.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// `cargo test --all-targets` runs benchmarks as well, and means none that
/// takes minutes: `cargo bench` alone passes this argument.
pub(crate) const BY_CARGO_BENCH: &str = "--bench";

/// Writes a line for whoever waits.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    // Where nobody reads any more there is nobody to tell.
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}
