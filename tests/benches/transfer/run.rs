//! Runs one contender on a fresh database and checks what it made.

use std::process::Command;
use std::time::Duration;

use crate::client::Told;
use crate::contenders::Contender;
use crate::lanes;
use crate::options::Job;
use crate::programs::Programs;
use crate::relay::Relay;
use crate::report::Outcome;
use crate::shared::Result;
use crate::shared::measure::{self, Figures};
use crate::shared::place::Place;
use crate::stage::Stage;

/// The database on the new server, made anew for every run.
const TARGET: &str = "target";
/// Half of the round trip.
const ONE_WAY: Duration = Duration::from_millis(20);
/// Pipes of `psql`, as all contenders have two of everything.
const PIPES: usize = 2;

/// `pg_dump` must not be able to fail unseen in a pipe.
const DUMP_PSQL: &str = "\
{ pg_dump --no-owner --no-acl \"$OLD\" || echo 'pg_dump failed;'; } | \
psql -X -q -v ON_ERROR_STOP=1 -o /dev/null \"$NEW\"";
const DUMP_RESTORE: &str = "\
set -e
pg_dump --no-owner --no-acl -Fd -j2 -Z0 -f \"$SCRATCH/dump\" \"$OLD\"
pg_restore --no-owner --no-acl --exit-on-error -j2 -d \"$NEW\" \"$SCRATCH/dump\"";

/// Runs, checks, and cleans up.
pub(crate) async fn run(contender: Contender, stage: &Stage, programs: &Programs) -> Outcome {
    if contender == Contender::Pgcopydb && programs.pgcopydb_version().is_none() {
        return Outcome::Skipped("no pgcopydb on PATH or in $PGCOPYDB");
    }
    let outcome = match measured(contender, stage, programs).await {
        Ok(figures) => Outcome::Took(figures),
        Err(error) => Outcome::Failed(error.to_string()),
    };
    if let Err(error) = clean(stage).await {
        return Outcome::Failed(error.to_string());
    }
    outcome
}

async fn measured(contender: Contender, stage: &Stage, programs: &Programs) -> Result<Figures> {
    stage.target(contender, TARGET).await?;
    std::fs::create_dir_all(stage.new.scratch())?;
    let relay = match contender {
        Contender::OursRelayed => Some(Relay::start(stage.new.port(), Duration::ZERO).await?),
        Contender::OursDelayed => Some(Relay::start(stage.new.port(), ONE_WAY).await?),
        _ => None,
    };
    let old = stage.old.place(contender.source());
    let new = Place {
        port: relay.as_ref().map_or(stage.new.port(), Relay::port),
        database: TARGET.into(),
    };
    let commands = commands(contender, stage, programs, &old, &new)?;
    let ended = tokio::task::spawn_blocking(move || measure::run(commands)).await?;
    drop(relay);
    let (mut figures, output) = ended?;
    stage.check(contender, TARGET).await?;
    if let Ok(told) = serde_json::from_str::<Told>(&output) {
        figures.memory = figures.memory.max(told.peak);
        let rows = stage.rows(contender)?;
        if i64::try_from(told.rows) != Ok(rows) {
            return Err(format!("it tells {} rows instead of {rows}", told.rows).into());
        }
    }
    Ok(figures)
}

fn commands(
    contender: Contender,
    stage: &Stage,
    programs: &Programs,
    old: &Place,
    new: &Place,
) -> Result<Vec<Command>> {
    let scratch = stage.new.scratch();
    let mut commands = match contender {
        Contender::DumpPsql => vec![programs.shell(DUMP_PSQL, old, new)],
        Contender::DumpRestore => vec![programs.shell(DUMP_RESTORE, old, new)],
        Contender::Pgcopydb => programs
            .pgcopydb(old, new, stage.scale, &scratch)
            .into_iter()
            .collect(),
        Contender::PsqlRows => lanes::scripts(stage.tables(contender)?, PIPES)
            .iter()
            .map(|script| programs.shell(script, old, new))
            .collect(),
        Contender::Ours => vec![Programs::ours(Job::Whole, old, new)?],
        Contender::OursRows
        | Contender::OursRelayed
        | Contender::OursDelayed
        | Contender::OursLarge => vec![Programs::ours(Job::Rows, old, new)?],
    };
    for command in &mut commands {
        command.env("SCRATCH", &scratch);
    }
    Ok(commands)
}

async fn clean(stage: &Stage) -> Result<()> {
    stage.new.discard(TARGET).await?;
    let scratch = stage.new.scratch();
    if scratch.exists() {
        std::fs::remove_dir_all(scratch)?;
    }
    Ok(())
}
