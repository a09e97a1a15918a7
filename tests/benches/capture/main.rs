//! Measures what it costs to know which rows have changed, and how fast they
//! are brought over, on this machine and over loopback alone.
//! `docs/performance.md` says what is measured and how.

mod client;
mod cost;
mod goals;
mod load;
mod memory;
mod options;
mod ours;
mod rate;
mod replication;
mod report;
mod row_triggers;
#[path = "../shared/mod.rs"]
#[allow(dead_code, reason = "no bench needs all of it")]
mod shared;
mod stage;
mod watcher;

use std::process::ExitCode;

use options::{Asked, Measurement, Options};
use report::Results;
use shared::programs::Programs;
use shared::{Result, say};
use stage::Stage;

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
        Asked::Client => client::run().map(|()| true),
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

/// Measures all that was asked for; false where something failed.
#[tokio::main]
async fn bench(options: &Options) -> Result<bool> {
    let programs = Programs::find()?;
    let stage = Stage::set(&programs).await?;
    let mut results = Results::default();
    let mut ended = true;
    for &measurement in &options.measurements {
        say(&format!("measuring {}", measurement.name()));
        let measured = match measurement {
            Measurement::Cost(load) => {
                cost::measure(load, &stage, &programs, options, &mut results).await
            }
            Measurement::Rate => rate::measure(&stage, options, &mut results).await,
            Measurement::Memory => memory::measure(&stage, options, &mut results).await,
        };
        if let Err(error) = measured {
            say(&format!("  failed: {error}"));
            ended = false;
        }
        stage.clear().await?;
    }
    let about = format!("{}, scale {}", stage.about, options.scale);
    say(&format!("\n{about}\n\n{}", results.tables()));
    Ok(ended)
}
