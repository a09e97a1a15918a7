//! What the command line asks for.

use std::time::Duration;

use crate::load::Load;
use crate::shared::{BY_CARGO_BENCH, Result};

/// The flags in words.
pub(crate) const USAGE: &str = "\
npm run bench:capture -- [--scale F] [--only NAME]... [--repeat N] [--seconds N]

  --scale F    this part of the full size, such as 0.01 (default 1)
  --only NAME  measure this alone: tpcb, inserts, rate or memory; may be repeated
  --repeat N   everything N times, in turns; medians are shown (default 3)
  --seconds N  of each run of the app (default 30)";

/// The hidden first argument of a client process.
pub(crate) const CLIENT: &str = "client";

/// What this process is to do.
pub(crate) enum Asked {
    /// Nothing, and why.
    Nothing(&'static str),
    /// Be the client that makes one round.
    Client,
    /// Measure.
    Bench(Options),
}

/// One thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measurement {
    /// What capture costs an app.
    Cost(Load),
    /// How fast changes are brought over.
    Rate,
    /// What a very large round takes of memory.
    Memory,
}

/// What to measure.
pub(crate) struct Options {
    pub(crate) scale: f64,
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) repeat: usize,
    pub(crate) run: Duration,
}

impl Measurement {
    const ALL: [Self; 4] = [
        Self::Cost(Load::Tpcb),
        Self::Cost(Load::Inserts),
        Self::Rate,
        Self::Memory,
    ];

    /// The name for `--only`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cost(load) => load.name(),
            Self::Rate => "rate",
            Self::Memory => "memory",
        }
    }

    fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("no measurement {name}: there are {names}").into()
        })
    }
}

impl Options {
    /// This part of a full size, but not less than `least`.
    pub(crate) fn part(&self, full: f64, least: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
        let part = (full * self.scale).round().max(least) as i64;
        part
    }
}

/// Reads the arguments without the program's own name.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Asked> {
    let mut arguments = arguments.peekable();
    if arguments.next_if(|first| first == CLIENT).is_some() {
        return Ok(Asked::Client);
    }
    let mut options = Options {
        scale: 1.0,
        measurements: Vec::new(),
        repeat: 3,
        run: Duration::from_secs(30),
    };
    let mut by_cargo_bench = false;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            BY_CARGO_BENCH => by_cargo_bench = true,
            "--scale" => options.scale = value()?.parse()?,
            "--only" => options.measurements.push(Measurement::named(&value()?)?),
            "--repeat" => options.repeat = value()?.parse()?,
            "--seconds" => options.run = Duration::from_secs(value()?.parse()?),
            "--help" | "-h" => return Ok(Asked::Nothing(USAGE)),
            unknown => return Err(format!("unknown argument {unknown}").into()),
        }
    }
    if !(options.scale > 0.0 && options.scale <= 10.0) {
        return Err("--scale takes a number above 0, 10 at most".into());
    }
    if options.repeat == 0 || options.run.is_zero() {
        return Err("--repeat and --seconds take a number above 0".into());
    }
    if options.measurements.is_empty() {
        options.measurements = Measurement::ALL.to_vec();
    }
    Ok(if by_cargo_bench {
        Asked::Bench(options)
    } else {
        Asked::Nothing("skipped: this is a benchmark, run it with npm run bench:capture")
    })
}
