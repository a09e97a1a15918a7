//! The tasks of this repository, run as `cargo xtask TASK`.
//!
//! `generate` writes the files that derive from the command line model; with `--check` it only
//! compares, and exits with 1 where a file is not what the model says. `package` makes the npm
//! packages.

mod commands;
mod completions;
mod generate;
mod man;
mod metadata;
mod package;

use std::error::Error;
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
    /// make the npm packages: the plugin's, and the program's for one platform
    Package(package::Arguments),
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the tasks' own screen"
)]
fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match run(&root, &Tasks::parse().task) {
        Ok(told) => {
            print!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does the task and returns what to say about it.
fn run(root: &Path, task: &Task) -> Result<String, Box<dyn Error>> {
    match task {
        Task::Generate { check: true } => generate::check(root)?,
        Task::Generate { check: false } => generate::write(root)?,
        Task::Package(arguments) => return Ok(package::run(root, arguments)?),
    }
    Ok(String::new())
}
