//! What capture and rounds are to reach.

use crate::load::Load;
use crate::report::Results;
use crate::shared::figures::megabytes;
use crate::shared::goal::Asked::{self, AtLeast, AtMost, Nothing};
use crate::watcher::Watcher;

/// A figure and what it should be.
pub(crate) struct Goal {
    words: &'static str,
    asked: Asked,
    measured: fn(&Results) -> Option<f64>,
}

impl Goal {
    pub(crate) fn row(&self, results: &Results) -> [String; 4] {
        self.asked.row(self.words, (self.measured)(results))
    }
}

/// All goals, in the order in which they are shown.
pub(crate) fn all() -> impl Iterator<Item = Goal> {
    [
        Goal {
            words: "tpcb: the app's rate under capture to that without",
            asked: AtLeast(0.9),
            measured: |results| part(results, Load::Tpcb, Watcher::Ours),
        },
        Goal {
            words: "tpcb: under triggers for each row",
            asked: Nothing,
            measured: |results| part(results, Load::Tpcb, Watcher::RowTriggers),
        },
        Goal {
            words: "tpcb: under logical replication",
            asked: Nothing,
            measured: |results| part(results, Load::Tpcb, Watcher::Replication),
        },
        Goal {
            words: "inserts: the app's rate under capture to that without",
            asked: AtLeast(0.9),
            measured: |results| part(results, Load::Inserts, Watcher::Ours),
        },
        Goal {
            words: "inserts: under triggers for each row",
            asked: Nothing,
            measured: |results| part(results, Load::Inserts, Watcher::RowTriggers),
        },
        Goal {
            words: "inserts: under logical replication",
            asked: Nothing,
            measured: |results| part(results, Load::Inserts, Watcher::Replication),
        },
        Goal {
            words: "changes: times as fast as logical replication",
            asked: AtLeast(1.0),
            measured: |results| results.rate().map(|(ours, theirs)| ours / theirs),
        },
        Goal {
            words: "changes: times the rows/s of the busier app above",
            asked: AtLeast(5.0),
            measured: |results| Some(results.rate()?.0 / written(results)?),
        },
        Goal {
            words: "memory of a round of 10 million keys, in MB",
            asked: AtMost(96.0),
            measured: |results| results.memory.map(|(_, bytes)| megabytes(bytes)),
        },
    ]
    .into_iter()
}

fn part(results: &Results, load: Load, watcher: Watcher) -> Option<f64> {
    let under = results.transactions(load, watcher)?;
    Some(under / results.transactions(load, Watcher::Nothing)?)
}

/// Rows that a second of the app wrote under capture.
fn written(results: &Results) -> Option<f64> {
    let each = Load::ALL.into_iter().filter_map(|load| {
        let rate = results.transactions(load, Watcher::Ours)?;
        Some(rate * load.rows())
    });
    each.max_by(f64::total_cmp)
}
