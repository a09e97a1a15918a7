//! Measures how long the window of a swap is with little and with much data,
//! and against the way by hand, on this machine and over loopback alone.
//! `docs/performance.md` says what is measured and how.

mod bulk;
mod by_hand;
mod goals;
mod options;
mod report;
#[path = "../shared/mod.rs"]
#[allow(dead_code, reason = "no bench needs all of it")]
mod shared;
mod stopwatch;
mod swap;

use std::process::ExitCode;

use connect_swap_tests::shared_sandbox_with;

use options::{Asked, Options};
use report::Results;
use shared::cluster::Cluster;
use shared::programs::Programs;
use shared::{Result, say};

/// As the other benches' servers are; the sandbox's own are not safe against a
/// crash.
const SETTINGS: [&str; 6] = [
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "wal_level=replica",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
];

fn main() -> ExitCode {
    let asked = match options::parse(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(error) => {
            say(&format!("{error}\n\n{}", options::USAGE));
            return ExitCode::from(2);
        }
    };
    let done = match asked {
        Asked::Nothing(why) => {
            say(why);
            Ok(true)
        }
        Asked::Bench(options) => bench(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Swaps with every amount of data; false where a swap failed.
#[tokio::main]
async fn bench(options: &Options) -> Result<bool> {
    let programs = Programs::find()?;
    say("starting a sandbox, and a server for the way by hand");
    let settings = SETTINGS.map(String::from);
    let _ = shared_sandbox_with(|options| options.server_settings.extend(settings)).await;
    let by_hand = Cluster::start(&programs.installation.bin).await?;
    let mut results = Results::default();
    let mut ended = true;
    for _ in 0..options.repeat {
        for &gigabytes in &options.gigabytes {
            say(&format!("swapping with {gigabytes} GB"));
            match swap::measure(gigabytes, &by_hand, &programs).await {
                Ok(window) => results.0.push(window),
                Err(error) => {
                    say(&format!("  failed: {error}"));
                    ended = false;
                }
            }
        }
    }
    let session = by_hand.admin("postgres").await?;
    let row = session.query_one("SHOW server_version", &[]).await?;
    let version: String = row.try_get(0)?;
    let processors = std::thread::available_parallelism()?;
    let about = format!("PostgreSQL {version}, {processors} processors");
    say(&format!("\n{about}\n\n{}", results.tables()));
    Ok(ended)
}
