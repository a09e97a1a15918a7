//! What the command line asks for.

use crate::shared::{BY_CARGO_BENCH, Result};

/// The flags in words.
pub(crate) const USAGE: &str = "\
npm run bench:window -- [--gb F]... [--repeat N]

  --gb F      of unmanaged data; given twice, the second is compared with the
              first (default 0.3 and 3)
  --repeat N  everything N times, in turns; medians are shown (default 1)";

/// What this process is to do.
pub(crate) enum Asked {
    /// Nothing, and why.
    Nothing(&'static str),
    /// Measure.
    Bench(Options),
}

/// What to measure.
pub(crate) struct Options {
    /// The amounts of unmanaged data in 10^9 bytes.
    pub(crate) gigabytes: Vec<f64>,
    pub(crate) repeat: usize,
}

/// Reads the arguments without the program's own name.
pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked> {
    let mut options = Options {
        gigabytes: Vec::new(),
        repeat: 1,
    };
    let mut by_cargo_bench = false;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            BY_CARGO_BENCH => by_cargo_bench = true,
            "--gb" => options.gigabytes.push(value()?.parse()?),
            "--repeat" => options.repeat = value()?.parse()?,
            "--help" | "-h" => return Ok(Asked::Nothing(USAGE)),
            unknown => return Err(format!("unknown argument {unknown}").into()),
        }
    }
    if options.gigabytes.is_empty() {
        options.gigabytes = vec![0.3, 3.0];
    }
    if options
        .gigabytes
        .iter()
        .any(|gb| !(*gb > 0.0 && *gb <= 50.0))
    {
        return Err("--gb takes a number above 0, 50 at most".into());
    }
    if options.repeat == 0 {
        return Err("--repeat takes a number above 0".into());
    }
    Ok(if by_cargo_bench {
        Asked::Bench(options)
    } else {
        Asked::Nothing("skipped: this is a benchmark, run it with npm run bench:window")
    })
}
