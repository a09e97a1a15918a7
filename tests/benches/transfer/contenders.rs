//! What is measured, one after the other.

use crate::dataset::{ARCHIVE, SHOP};
use crate::shared::Result;

/// One way to transfer a database, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// `pg_dump` piped into `psql`.
    DumpPsql,
    /// `pg_dump` into a directory, then `pg_restore`, two jobs each.
    DumpRestore,
    /// `pgcopydb clone` with large tables split.
    Pgcopydb,
    /// Ours, everything.
    Ours,
    /// `COPY` piped from `psql` to `psql`, twice side by side.
    PsqlRows,
    /// Ours, rows alone.
    OursRows,
    /// Ours, rows alone, through a relay that does nothing.
    OursRelayed,
    /// Ours, rows alone, through a relay that delays.
    OursDelayed,
    /// Ours, rows with very large values.
    OursLarge,
}

/// What the new database holds before the clock starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nothing.
    Empty,
    /// The tables, without indexes and keys.
    Tables,
}

impl Contender {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Self; 9] = [
        Self::DumpPsql,
        Self::DumpRestore,
        Self::Pgcopydb,
        Self::Ours,
        Self::PsqlRows,
        Self::OursRows,
        Self::OursRelayed,
        Self::OursDelayed,
        Self::OursLarge,
    ];

    /// The name for `--only`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DumpPsql => "dump-psql",
            Self::DumpRestore => "dump-restore",
            Self::Pgcopydb => "pgcopydb",
            Self::Ours => "ours",
            Self::PsqlRows => "psql-rows",
            Self::OursRows => "ours-rows",
            Self::OursRelayed => "ours-relayed",
            Self::OursDelayed => "ours-delayed",
            Self::OursLarge => "ours-large",
        }
    }

    /// What it is, for the table.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::DumpPsql => "all: pg_dump | psql",
            Self::DumpRestore => "all: pg_dump -Fd -j2, pg_restore -j2",
            Self::Pgcopydb => "all: pgcopydb clone, split tables",
            Self::Ours => "all: connect-swap",
            Self::PsqlRows => "rows: two pipes from psql to psql",
            Self::OursRows => "rows: connect-swap",
            Self::OursRelayed => "rows: connect-swap, relay without delay",
            Self::OursDelayed => "rows: connect-swap, relay with 40 ms",
            Self::OursLarge => "rows: connect-swap, values of 8 MB",
        }
    }

    /// The contender of this name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("no contender {name}: there are {names}").into()
        })
    }

    /// The database that it transfers.
    pub(crate) fn source(self) -> &'static str {
        match self {
            Self::OursLarge => ARCHIVE,
            _ => SHOP,
        }
    }

    /// What it needs to find in the new database.
    pub(crate) fn target(self) -> Target {
        match self {
            Self::DumpPsql | Self::DumpRestore | Self::Pgcopydb | Self::Ours => Target::Empty,
            Self::PsqlRows
            | Self::OursRows
            | Self::OursRelayed
            | Self::OursDelayed
            | Self::OursLarge => Target::Tables,
        }
    }
}
