//! What the command line asks for.

/// The flags in words.
pub(crate) const USAGE: &str = "\
npm run chaos -- [--runs N] [--seed S] [--jobs J] [--verbose]

  --runs N    how many swaps (default 10)
  --seed S    of the first one; the next has S + 1 (default 1)
  --jobs J    side by side, each with servers of its own (default 1)
  --verbose   every command, fault and ending, as they come";

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) runs: u64,
    pub(crate) seed: u64,
    pub(crate) jobs: u64,
    pub(crate) verbose: bool,
}

/// Reads the arguments without the program's own name; none where help is asked for.
pub(crate) fn parse(
    mut arguments: impl Iterator<Item = String>,
) -> Result<Option<Options>, String> {
    let mut options = Options {
        runs: 10,
        seed: 1,
        jobs: 1,
        verbose: false,
    };
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let value = arguments.next().unwrap_or_default();
            let parsed = value.parse::<u64>();
            parsed.map_err(|_| format!("{argument} takes a number, not {value:?}"))
        };
        match argument.as_str() {
            "--runs" => options.runs = number()?,
            "--seed" => options.seed = number()?,
            "--jobs" => options.jobs = number()?.max(1),
            "--verbose" => options.verbose = true,
            "--help" | "-h" => return Ok(None),
            // What a test runner passes to every test program.
            "--show-output" | "--nocapture" => {}
            unknown => return Err(format!("unknown argument {unknown}")),
        }
    }
    Ok(Some(options))
}
