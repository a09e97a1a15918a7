//! What the transfer is to reach. Nothing fails where it does not: machines
//! differ.

use crate::contenders::Contender::{
    self, DumpPsql, Ours, OursDelayed, OursLarge, OursRelayed, OursRows, Pgcopydb, PsqlRows,
};
use crate::report::Results;
use crate::shared::figures::{megabytes, share};
use crate::shared::goal::Asked::{self, AtLeast, AtMost, Nothing};

/// A figure and what it should be.
pub(crate) struct Goal {
    words: &'static str,
    asked: Asked,
    measured: fn(&Results) -> Option<f64>,
}

/// All goals, in the order in which they are shown.
pub(crate) const ALL: [Goal; 9] = [
    Goal {
        words: "all: times as fast as pgcopydb with split tables",
        asked: AtLeast(1.25),
        measured: |results| times_as_fast(results, Ours, Pgcopydb),
    },
    Goal {
        words: "all: times as fast as pg_dump | psql",
        asked: AtLeast(1.5),
        measured: |results| times_as_fast(results, Ours, DumpPsql),
    },
    Goal {
        words: "rows: part of the time of two pipes of psql",
        asked: AtMost(0.75),
        measured: |results| times_as_fast(results, PsqlRows, OursRows),
    },
    Goal {
        words: "all: client CPU as a part of wall time",
        asked: AtMost(0.1),
        measured: |results| busy(results, Ours),
    },
    Goal {
        words: "rows: client CPU as a part of wall time",
        asked: AtMost(0.1),
        measured: |results| busy(results, OursRows),
    },
    Goal {
        words: "rows: rate with 40 ms of delay to that without",
        asked: AtLeast(0.9),
        measured: |results| times_as_fast(results, OursDelayed, OursRows),
    },
    Goal {
        words: "rows: rate with the relay alone to that without",
        asked: Nothing,
        measured: |results| times_as_fast(results, OursRelayed, OursRows),
    },
    Goal {
        words: "rows: rate with 40 ms of delay to the relay alone",
        asked: Nothing,
        measured: |results| times_as_fast(results, OursDelayed, OursRelayed),
    },
    Goal {
        words: "rows: memory with values of 8 MB, in MB",
        asked: AtMost(96.0),
        measured: |results| results.median(OursLarge)?.memory.map(megabytes),
    },
];

impl Goal {
    /// In words: what, what is asked, what was measured, whether it is reached.
    pub(crate) fn row(&self, results: &Results) -> [String; 4] {
        self.asked.row(self.words, (self.measured)(results))
    }
}

fn times_as_fast(results: &Results, one: Contender, other: Contender) -> Option<f64> {
    Some(share(
        results.median(other)?.wall,
        results.median(one)?.wall,
    ))
}

fn busy(results: &Results, contender: Contender) -> Option<f64> {
    let figures = results.median(contender)?;
    Some(share(figures.cpu?, figures.wall))
}
