//! What was measured, as tables for people.

use crate::contenders::Contender;
use crate::goals;
use crate::shared::figures::{aligned, megabytes, share};
use crate::shared::measure::Figures;
use crate::shared::{goal, say};

/// How one run of a contender ended.
pub(crate) enum Outcome {
    /// It transferred everything.
    Took(Figures),
    /// It could not be run, and why.
    Skipped(&'static str),
    /// It failed, or did not transfer what it should have.
    Failed(String),
}

/// All runs, in the order in which they took place.
#[derive(Default)]
pub(crate) struct Results(Vec<(Contender, Outcome)>);

impl Results {
    /// Takes note of a run, and shows it.
    pub(crate) fn add(&mut self, contender: Contender, outcome: Outcome) {
        say(&match &outcome {
            Outcome::Took(figures) => format!("  {:.1} s", figures.wall.as_secs_f64()),
            Outcome::Skipped(why) => format!("  skipped: {why}"),
            Outcome::Failed(why) => format!("  failed: {why}"),
        });
        self.0.push((contender, outcome));
    }

    /// Whether any run failed.
    pub(crate) fn failed(&self) -> bool {
        self.0
            .iter()
            .any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)))
    }

    /// The figures of a contender's run with the median wall time.
    pub(crate) fn median(&self, contender: Contender) -> Option<Figures> {
        let mut runs: Vec<Figures> = self
            .0
            .iter()
            .filter(|(of, _)| *of == contender)
            .filter_map(|(_, outcome)| match outcome {
                Outcome::Took(figures) => Some(*figures),
                _ => None,
            })
            .collect();
        runs.sort_by_key(|figures| figures.wall);
        runs.get(runs.len().saturating_sub(1) / 2).copied()
    }

    /// The figures, and below them how they stand to the goals.
    pub(crate) fn table(&self) -> String {
        let heading = ["", "wall s", "client CPU s", "CPU/wall", "memory MB"].map(String::from);
        let mut rows = vec![heading];
        for contender in Contender::ALL {
            if self.0.iter().any(|(of, _)| *of == contender) {
                rows.push(self.row(contender));
            }
        }
        let mut goals = vec![goal::heading()];
        goals.extend(goals::ALL.iter().map(|goal| goal.row(self)));
        format!("{}\n\n{}", aligned(&rows), aligned(&goals))
    }

    fn row(&self, contender: Contender) -> [String; 5] {
        let words = format!("{} ({})", contender.words(), contender.name());
        let Some(figures) = self.median(contender) else {
            let none = || String::from("-");
            return [words, none(), none(), none(), none()];
        };
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        [
            words,
            format!("{:.1}", figures.wall.as_secs_f64()),
            or_none(figures.cpu.map(|cpu| format!("{:.2}", cpu.as_secs_f64()))),
            or_none(
                figures
                    .cpu
                    .map(|cpu| format!("{:.0} %", 100.0 * share(cpu, figures.wall))),
            ),
            or_none(
                figures
                    .memory
                    .map(|bytes| format!("{:.0}", megabytes(bytes))),
            ),
        ]
    }
}
