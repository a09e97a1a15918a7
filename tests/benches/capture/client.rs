//! This program as the client process of one round: what the system counts for
//! it, it counts for the product alone.

use std::io::Write;
use std::process::Command;
use std::time::Duration;

use connect_swap_postgres::{DatabaseUrl, Rounds};
use serde::{Deserialize, Serialize};

use crate::options::CLIENT;
use crate::shared::place::Place;
use crate::shared::{Result, measure, processes};

const OLD: &str = "CONNECT_SWAP_BENCH_OLD";
const NEW: &str = "CONNECT_SWAP_BENCH_NEW";

/// What the client tells at its end, on its standard output.
#[derive(Serialize, Deserialize)]
struct Told {
    keys: u64,
    peak: Option<u64>,
}

/// A round as it was seen from outside.
pub(crate) struct Round {
    /// From the client's start to its end.
    pub(crate) wall: Duration,
    /// Keys that it says it brought over.
    pub(crate) keys: u64,
    /// The client's largest resident memory in bytes.
    pub(crate) memory: Option<u64>,
}

/// Makes a round, and tells.
pub(crate) fn run() -> Result<()> {
    let url =
        |variable| -> Result<DatabaseUrl> { Ok(DatabaseUrl::parse(&std::env::var(variable)?)?) };
    let (old, new) = (url(OLD)?, url(NEW)?);
    // The same runtime as the product's own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let keys = runtime.block_on(async {
        let mut rounds = Rounds::open(&old, &new).await?;
        let report = rounds.round().await?;
        match report.stale.first() {
            None => Ok(report.keys()),
            Some((table, why)) => Err(format!("{table} is not followed: {why}").into()),
        }
    });
    let told = Told {
        keys: keys.map_err(|error: Box<dyn std::error::Error + Send + Sync>| error)?,
        peak: processes::own_peak(),
    };
    let told = serde_json::to_string(&told)?;
    Ok(writeln!(std::io::stdout().lock(), "{told}")?)
}

/// Lets a process of its own make a round.
pub(crate) async fn round(old: &Place, new: &Place) -> Result<Round> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(CLIENT).env(OLD, old.url()).env(NEW, new.url());
    let ended = tokio::task::spawn_blocking(move || measure::run(vec![command])).await?;
    let (figures, output) = ended?;
    let told: Told = serde_json::from_str(&output)?;
    Ok(Round {
        wall: figures.wall,
        keys: told.keys,
        memory: figures.memory.max(told.peak),
    })
}
