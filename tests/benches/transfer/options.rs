//! What the command line asks for.

use crate::contenders::Contender;
use crate::shared::{BY_CARGO_BENCH, Result};

/// The flags in words.
pub(crate) const USAGE: &str = "\
npm run bench -- [--scale F] [--only NAME]... [--repeat N] [--keep]

  --scale F    this part of the full size, such as 0.01 (default 1)
  --only NAME  run these contenders alone; may be repeated
  --repeat N   every contender N times, in turns; medians are shown (default 1)
  --keep       keep the servers afterwards, until Ctrl-C";

/// What this process is to do.
pub(crate) enum Asked {
    /// Nothing, and why.
    Nothing(&'static str),
    /// Be the client of one measurement.
    Client(Job),
    /// Measure.
    Bench(Options),
}

/// What a client process of this program transfers.
#[derive(Clone, Copy)]
pub(crate) enum Job {
    /// Schema, rows, indexes and keys.
    Whole,
    /// Rows, into tables that are there.
    Rows,
}

/// What to measure.
pub(crate) struct Options {
    pub(crate) scale: f64,
    pub(crate) contenders: Vec<Contender>,
    pub(crate) repeat: usize,
    pub(crate) keep: bool,
}

/// The hidden first argument of a client process.
pub(crate) const CLIENT: &str = "client";

impl Job {
    /// As the client's second argument.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Rows => "rows",
        }
    }
}

/// Reads the arguments without the program's own name.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Asked> {
    let mut arguments = arguments.peekable();
    if arguments.next_if(|first| first == CLIENT).is_some() {
        return match arguments.next().as_deref() {
            Some("whole") => Ok(Asked::Client(Job::Whole)),
            Some("rows") => Ok(Asked::Client(Job::Rows)),
            _ => Err("a client of whole or rows".into()),
        };
    }
    let mut options = Options {
        scale: 1.0,
        contenders: Vec::new(),
        repeat: 1,
        keep: false,
    };
    let mut by_cargo_bench = false;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            BY_CARGO_BENCH => by_cargo_bench = true,
            "--scale" => options.scale = value()?.parse()?,
            "--only" => options.contenders.push(Contender::named(&value()?)?),
            "--repeat" => options.repeat = value()?.parse()?,
            "--keep" => options.keep = true,
            "--help" | "-h" => return Ok(Asked::Nothing(USAGE)),
            unknown => return Err(format!("unknown argument {unknown}").into()),
        }
    }
    if !(options.scale > 0.0 && options.scale <= 10.0) {
        return Err("--scale takes a number above 0, 10 at most".into());
    }
    if options.repeat == 0 {
        return Err("--repeat takes a number above 0".into());
    }
    if options.contenders.is_empty() {
        options.contenders = Contender::ALL.to_vec();
    }
    // `cargo test --all-targets` runs benchmarks as well, and means none that takes minutes.
    Ok(if by_cargo_bench {
        Asked::Bench(options)
    } else {
        Asked::Nothing("skipped: this is a benchmark, run it with npm run bench")
    })
}
