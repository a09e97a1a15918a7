//! Measures the transfer of a database against the usual programs, on this
//! machine and over loopback alone. `docs/performance.md` says what is measured
//! and how.

mod client;
mod contenders;
mod dataset;
mod documents;
mod goals;
mod lanes;
mod options;
mod ours;
mod programs;
mod relay;
mod report;
mod run;
#[path = "../shared/mod.rs"]
#[allow(dead_code, reason = "no bench needs all of it")]
mod shared;
mod stage;

use std::process::ExitCode;

use options::{Asked, Options};
use programs::Programs;
use report::Results;
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
        Asked::Client(job) => client::run(job).map(|()| true),
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

/// Runs all that was asked for; false where a contender failed.
#[tokio::main]
async fn bench(options: &Options) -> Result<bool> {
    let programs = Programs::find()?;
    let stage = Stage::set(options, &programs).await?;
    let mut results = Results::default();
    for _ in 0..options.repeat {
        for &contender in &options.contenders {
            say(&format!("running {}", contender.name()));
            let outcome = run::run(contender, &stage, &programs).await;
            results.add(contender, outcome);
        }
    }
    say(&format!("\n{}\n\n{}", stage.describe(), results.table()));
    if options.keep {
        say(&format!("{}\nCtrl-C ends the servers", stage.places()));
        tokio::signal::ctrl_c().await?;
    }
    Ok(!results.failed())
}
