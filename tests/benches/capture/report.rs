//! What was measured, as tables for people.

use std::time::Duration;

use crate::goals;
use crate::load::Load;
use crate::shared::figures::{aligned, median, megabytes};
use crate::shared::goal;
use crate::watcher::Watcher;

/// Changes that were brought over.
pub(crate) struct Rate {
    pub(crate) rows: i64,
    pub(crate) wall: Duration,
}

impl Rate {
    #[expect(
        clippy::cast_precision_loss,
        reason = "far fewer rows than a double has exact whole numbers"
    )]
    pub(crate) fn per_second(&self) -> f64 {
        self.rows as f64 / self.wall.as_secs_f64()
    }
}

/// All figures, in the order in which they were taken.
#[derive(Default)]
pub(crate) struct Results {
    /// Transactions a second.
    pub(crate) costs: Vec<(Load, Watcher, f64)>,
    /// Ours, and logical replication.
    pub(crate) rates: Vec<(Rate, Rate)>,
    /// Keys of a round, and bytes of its client.
    pub(crate) memory: Option<(u64, u64)>,
}

impl Results {
    /// Transactions a second.
    pub(crate) fn transactions(&self, load: Load, watcher: Watcher) -> Option<f64> {
        let those = self.costs.iter();
        let those = those.filter(|(of, under, _)| (*of, *under) == (load, watcher));
        median(those.map(|(_, _, rate)| *rate).collect())
    }

    /// Rows a second: ours, and logical replication's.
    pub(crate) fn rate(&self) -> Option<(f64, f64)> {
        let of = |one: fn(&(Rate, Rate)) -> &Rate| {
            median(
                self.rates
                    .iter()
                    .map(|pair| one(pair).per_second())
                    .collect(),
            )
        };
        of(|pair| &pair.0).zip(of(|pair| &pair.1))
    }

    /// The figures, and below them how they stand to the goals.
    pub(crate) fn tables(&self) -> String {
        let mut tables = Vec::new();
        for load in Load::ALL {
            if self.costs.iter().any(|(of, _, _)| *of == load) {
                tables.push(self.costs_of(load));
            }
        }
        tables.extend(self.rates_table());
        if let Some((keys, bytes)) = self.memory {
            tables.push(format!(
                "a round of {keys} keys: {:.0} MB",
                megabytes(bytes)
            ));
        }
        let mut rows = vec![goal::heading()];
        rows.extend(goals::all().map(|goal| goal.row(self)));
        tables.push(aligned(&rows));
        tables.join("\n\n")
    }

    fn costs_of(&self, load: Load) -> String {
        let mut rows = vec![
            [
                load.name(),
                "transactions/s",
                "to nothing",
                "lowest",
                "highest",
            ]
            .map(String::from),
        ];
        for watcher in Watcher::ALL {
            let runs = self.costs.iter();
            let runs = runs.filter(|(of, under, _)| (*of, *under) == (load, watcher));
            let rates = runs.map(|(_, _, rate)| *rate);
            let (low, high) = rates.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), rate| {
                (low.min(rate), high.max(rate))
            });
            let median = self.transactions(load, watcher);
            let nothing = self.transactions(load, Watcher::Nothing);
            let part = median.zip(nothing).map(|(rate, all)| rate / all);
            rows.push([
                watcher.words().to_owned(),
                median.map_or("-".into(), |rate| format!("{rate:.0}")),
                part.map_or("-".into(), |part| format!("{part:.2}")),
                format!("{low:.0}"),
                format!("{high:.0}"),
            ]);
        }
        aligned(&rows)
    }

    fn rates_table(&self) -> Option<String> {
        let (ours, theirs) = self.rate()?;
        let row = |words: &str, rate: f64, of: fn(&(Rate, Rate)) -> &Rate| {
            let walls = self.rates.iter().map(|pair| of(pair).wall.as_secs_f64());
            let wall = median(walls.collect()).unwrap_or_default();
            let rows = self.rates.first().map_or(0, |pair| of(pair).rows);
            [
                words.to_owned(),
                rows.to_string(),
                format!("{wall:.1}"),
                format!("{rate:.0}"),
            ]
        };
        Some(aligned(&[
            ["changes brought over", "rows", "wall s", "rows/s"].map(String::from),
            row("connect-swap, one round", ours, |pair| &pair.0),
            row("logical replication", theirs, |pair| &pair.1),
        ]))
    }
}
