//! What was measured, as tables for people.

use std::time::Duration;

use crate::goals;
use crate::shared::figures::{aligned, median};
use crate::shared::goal;

/// The steps of the window that work on the databases.
const DATABASE_STEPS: [&str; 4] = [
    "last-round",
    "set-sequences",
    "carry-window-schema",
    "compare-rows",
];

/// One swap.
pub(crate) struct Window {
    pub(crate) gigabytes: f64,
    /// Of unmanaged data.
    pub(crate) bytes: i64,
    /// What `pg_dump` and `psql` took for it.
    pub(crate) by_hand: Duration,
    /// The window in real time.
    pub(crate) wall: Duration,
    /// The window by the clock of sandbox and command.
    pub(crate) told: Duration,
    /// Its steps in real time.
    pub(crate) steps: Vec<(String, Duration)>,
}

impl Window {
    /// Real time of the steps that work on the databases.
    pub(crate) fn database(&self) -> Duration {
        let steps = self.steps.iter();
        let those = steps.filter(|(step, _)| DATABASE_STEPS.contains(&step.as_str()));
        those.map(|(_, took)| *took).sum()
    }

    /// The window in which Heroku and Connect take their own time, and the
    /// databases theirs.
    fn as_users_see_it(&self) -> f64 {
        let fast = self.told.as_secs_f64() / self.wall.as_secs_f64();
        let database = self.database().as_secs_f64();
        self.told.as_secs_f64() - database * fast + database
    }

    fn step(&self, name: &str) -> f64 {
        let found = self.steps.iter().find(|(step, _)| step == name);
        found.map_or(0.0, |(_, took)| took.as_secs_f64())
    }
}

/// All swaps, in the order in which they took place.
#[derive(Default)]
pub(crate) struct Results(pub(crate) Vec<Window>);

impl Results {
    /// The median of a figure at an amount of data.
    pub(crate) fn median(&self, gigabytes: f64, figure: impl Fn(&Window) -> f64) -> Option<f64> {
        let those = self
            .0
            .iter()
            .filter(|window| window.gigabytes.to_bits() == gigabytes.to_bits());
        median(those.map(figure).collect())
    }

    /// The amounts, in the order in which they were asked for.
    pub(crate) fn amounts(&self) -> Vec<f64> {
        let mut amounts: Vec<f64> = Vec::new();
        for window in &self.0 {
            if amounts
                .iter()
                .all(|known| known.to_bits() != window.gigabytes.to_bits())
            {
                amounts.push(window.gigabytes);
            }
        }
        amounts
    }

    /// The figures, and below them how they stand to the goals.
    pub(crate) fn tables(&self) -> String {
        let amounts = self.amounts();
        let mut tables: Vec<String> = amounts.iter().map(|gb| self.steps(*gb)).collect();
        tables.push(self.summary(&amounts));
        let mut rows = vec![goal::heading()];
        rows.extend(goals::all().map(|goal| goal.row(self)));
        tables.push(aligned(&rows));
        tables.join("\n\n")
    }

    fn summary(&self, amounts: &[f64]) -> String {
        let heading = [
            "GB",
            "MB in fact",
            "by hand s",
            "database part s",
            "window s",
            "as users see it s",
        ];
        let mut rows = vec![heading.map(String::from)];
        for &gb in amounts {
            let show = |figure: fn(&Window) -> f64| {
                let median = self.median(gb, figure);
                median.map_or("-".into(), |seconds| format!("{seconds:.2}"))
            };
            let bytes = self
                .0
                .iter()
                .find(|window| window.gigabytes.to_bits() == gb.to_bits());
            rows.push([
                format!("{gb}"),
                bytes.map_or("-".into(), |window| (window.bytes / 1_000_000).to_string()),
                show(|window| window.by_hand.as_secs_f64()),
                show(|window| window.database().as_secs_f64()),
                show(|window| window.wall.as_secs_f64()),
                show(Window::as_users_see_it),
            ]);
        }
        aligned(&rows)
    }

    /// The window's steps in real time.
    fn steps(&self, gigabytes: f64) -> String {
        let mut rows = vec![[format!("window with {gigabytes} GB"), "s".into()]];
        let names = self
            .0
            .iter()
            .find(|window| window.gigabytes.to_bits() == gigabytes.to_bits());
        for (name, _) in names.map_or(&[][..], |window| &window.steps) {
            let seconds = self.median(gigabytes, |window| window.step(name));
            rows.push([
                name.clone(),
                seconds.map_or("-".into(), |seconds| format!("{seconds:.2}")),
            ]);
        }
        aligned(&rows)
    }
}
