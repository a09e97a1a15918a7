//! Generates what derives from the command line model.
//!
//! `cargo run -p connect-swap-xtask -- generate` writes the files; with `--check` it only compares
//! and exits with 1 where a file is not what the model says.

mod generate;
mod metadata;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", about = "tasks of this repository")]
struct Tasks {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// write the files that derive from the command line model
    Generate {
        /// change nothing; fail where a file is not current
        #[arg(long)]
        check: bool,
    },
}

#[expect(clippy::print_stderr, reason = "the tasks' own screen")]
fn main() -> ExitCode {
    let Task::Generate { check } = Tasks::parse().task;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let result = if check {
        generate::check(&root)
    } else {
        generate::write(&root)
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}
