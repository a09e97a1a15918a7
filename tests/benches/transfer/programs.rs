//! The programs that are measured, and how each is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::options::{CLIENT, Job};
use crate::shared::cluster::PASSWORD;
use crate::shared::place::Place;
use crate::shared::{self, Result};

/// Above this much at full scale, pgcopydb is to split a table.
const SPLIT_ABOVE: f64 = 200e6;

/// All programs that there are.
pub(crate) struct Programs {
    /// PostgreSQL's own.
    pub(crate) own: shared::programs::Programs,
    pgcopydb: Option<Pgcopydb>,
}

struct Pgcopydb {
    path: PathBuf,
    version: String,
    flags: Vec<&'static str>,
}

impl Programs {
    /// Looks for them.
    pub(crate) fn find() -> Result<Self> {
        Ok(Self {
            own: shared::programs::Programs::find()?,
            pgcopydb: Pgcopydb::find(),
        })
    }

    /// What pgcopydb says that it is.
    pub(crate) fn pgcopydb_version(&self) -> Option<&str> {
        self.pgcopydb.as_ref().map(|found| found.version.as_str())
    }

    /// A shell that runs a script with `$OLD` and `$NEW`.
    pub(crate) fn shell(&self, script: &str, old: &Place, new: &Place) -> Command {
        self.own.shell(script, &old.uri(), &new.uri())
    }

    /// This program as a client of its own, so that what it takes is ours alone.
    pub(crate) fn ours(job: Job, old: &Place, new: &Place) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([CLIENT, job.argument()]);
        command.env(crate::client::OLD, old.url());
        command.env(crate::client::NEW, new.url());
        Ok(command)
    }

    /// `pgcopydb clone`, where there is one.
    pub(crate) fn pgcopydb(
        &self,
        old: &Place,
        new: &Place,
        scale: f64,
        scratch: &Path,
    ) -> Option<Command> {
        let found = self.pgcopydb.as_ref()?;
        let mut command = Command::new(&found.path);
        command.args(["clone", "--table-jobs", "2", "--index-jobs", "2"]);
        command.arg("--split-tables-larger-than");
        command.arg(format!("{:.0}kB", (SPLIT_ABOVE * scale / 1e3).max(100.0)));
        command.args(["--no-owner", "--no-acl"]).args(&found.flags);
        command.arg("--dir").arg(scratch.join("pgcopydb"));
        command.env("PGCOPYDB_SOURCE_PGURI", old.uri());
        command.env("PGCOPYDB_TARGET_PGURI", new.uri());
        command
            .env("PGPASSWORD", PASSWORD)
            .env("PATH", self.own.path())
            .env("TMPDIR", scratch);
        Some(command)
    }
}

impl Pgcopydb {
    fn find() -> Option<Self> {
        let path = std::env::var_os("PGCOPYDB").map_or_else(|| "pgcopydb".into(), PathBuf::from);
        let told = |arguments: &[&str]| {
            let output = Command::new(&path).args(arguments).output().ok()?;
            let all = [output.stdout, output.stderr].concat();
            Some(String::from_utf8_lossy(&all).into_owned())
        };
        let version = told(&["--version"])?;
        let help = told(&["clone", "--help"])?;
        // None of the others gathers statistics, carries extensions or has large objects to copy.
        let flags = [
            "--skip-vacuum",
            "--skip-analyze",
            "--skip-extensions",
            "--skip-large-objects",
        ];
        Some(Self {
            version: version_in(&version).to_owned(),
            flags: flags
                .into_iter()
                .filter(|flag| help.contains(flag))
                .collect(),
            path,
        })
    }
}

/// The number in a line such as `pgcopydb version 0.10`, among lines of a log.
fn version_in(text: &str) -> &str {
    text.lines()
        .find_map(|line| line.strip_prefix("pgcopydb version"))
        .map(str::trim)
        .filter(|version| !version.is_empty())
        .unwrap_or("of an unknown version")
}
