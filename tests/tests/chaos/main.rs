//! Whole swaps in the sandbox, under the app's load, with faults at random, each judged from outside.
//!
//! `npm run chaos -- --runs N --seed S` makes N runs; run number n has seed S + n, and `--runs 1` with
//! that seed makes it again. Without arguments, as in CI, it makes a few with seeds that never change.
//! Only the binary is driven, and only what Heroku, Connect, Salesforce and PostgreSQL can tell is
//! believed: nothing here uses the product's own crates.

mod auditor;
mod command;
mod fault;
mod operator;
mod options;
mod report;
mod script;
mod stage;
mod start;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use options::Options;
use report::{Outcome, Report, Run};
use script::Script;
use stage::{Servers, Stage};

/// After so many runs a worker starts servers anew: the apps of earlier runs go on living in a sandbox.
const RUNS_PER_SANDBOX: u64 = 8;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let report = all(&options);
    println!("\n{report}");
    if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Every worker has threads of its own.
fn all(options: &Options) -> Report {
    let next = AtomicU64::new(0);
    let started = Instant::now();
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let workers = (0..options.jobs).map(|_| scope.spawn(|| worker(options, &next)));
        for worker in workers.collect::<Vec<_>>() {
            report.add(worker.join().expect("a worker ends"));
        }
    });
    report.took = started.elapsed();
    report
}

/// Takes one seed after the other until none is left.
#[tokio::main]
async fn worker(options: &Options, next: &AtomicU64) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut servers = None;
    let mut used = 0;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= options.runs {
            return runs;
        }
        if servers.is_none() || used >= RUNS_PER_SANDBOX {
            servers = Some(Arc::new(Servers::start().await));
            used = 0;
        }
        used += 1;
        let servers = Arc::clone(servers.as_ref().expect("just started"));
        let run = one(options.seed + number, servers, options.verbose).await;
        println!("{run}");
        runs.push(run);
    }
}

/// One swap, from its seed alone.
async fn one(seed: u64, servers: Arc<Servers>, verbose: bool) -> Run {
    let script = Script::of(seed);
    let stage = Arc::new(Stage::set(servers, &script, verbose).await);
    let before = stage.look().await;
    let (outcome, mut complaints) = operator::swap(&stage, &script, &before).await;
    stage.amend().await;
    let audit = auditor::audited(&stage).await;
    complaints.extend(auditor::at_the_end(&stage, &before, (outcome, &audit)).await);
    let run = Run {
        seed,
        outcome: if complaints.is_empty() {
            outcome
        } else {
            Outcome::Wrong
        },
        struck: stage.struck(),
        commands: stage.commands(),
        acknowledged: audit.acknowledged,
        lost: audit.lost.len(),
        doubled: audit.doubled.len(),
        window: audit.downtime_seconds,
        heard: stage.heard(),
        complaints,
    };
    stage.end().await;
    run
}
