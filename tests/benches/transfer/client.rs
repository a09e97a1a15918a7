//! This program as the client process of one transfer of ours: what the system
//! counts for it, it counts for the product alone.

use std::io::Write;

use connect_swap_postgres::DatabaseUrl;
use serde::{Deserialize, Serialize};

use crate::options::Job;
use crate::ours;
use crate::shared::{Result, processes};

/// The variable with the old database's URL.
pub(crate) const OLD: &str = "CONNECT_SWAP_BENCH_OLD";
/// The variable with the new database's URL.
pub(crate) const NEW: &str = "CONNECT_SWAP_BENCH_NEW";

/// What the client tells at its end, on its standard output.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    /// Rows that it says it copied.
    pub(crate) rows: u64,
    /// Its largest resident memory in bytes.
    pub(crate) peak: Option<u64>,
}

/// Transfers, and tells.
pub(crate) fn run(job: Job) -> Result<()> {
    let url =
        |variable| -> Result<DatabaseUrl> { Ok(DatabaseUrl::parse(&std::env::var(variable)?)?) };
    let (old, new) = (url(OLD)?, url(NEW)?);
    // The same runtime as the product's own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let rows = runtime.block_on(async {
        match job {
            Job::Whole => ours::whole(&old, &new).await,
            Job::Rows => ours::rows(&old, &new).await,
        }
    })?;
    let told = Told {
        rows,
        peak: processes::own_peak(),
    };
    let told = serde_json::to_string(&told)?;
    Ok(writeln!(std::io::stdout().lock(), "{told}")?)
}
