//! The window as tables for a person.

use super::{Estimate, Expected, Phase, Took};
use crate::report::Section;
use crate::words;

/// Phases that take less at worst share a line in what a person reads before the window.
const SMALL: f64 = 10.0;
/// What took less is left out of what a person reads after it.
const MOMENT: f64 = 1.0;

/// What is expected: the phases that matter, and the whole.
pub fn forecast_table(expected: &Estimate) -> Section {
    let headers = ["Phase", "Expected", "Makes it long"].map(str::to_owned);
    Section::Table {
        headers: headers.to_vec(),
        rows: forecast_rows(expected),
    }
}

/// The same as lines, for where a table cannot stand.
pub(crate) fn forecast_lines(expected: &Estimate) -> Vec<String> {
    let rows = forecast_rows(expected);
    let wide = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (phase, range) = (wide(0), wide(1));
    let lines = rows.iter().map(|row| {
        let line = format!(
            "downtime: {:<phase$}  {:<range$}  {}",
            row[0], row[1], row[2]
        );
        line.trim_end().to_owned()
    });
    lines.collect()
}

/// The rows of that table.
fn forecast_rows(expected: &Estimate) -> Vec<Vec<String>> {
    let (matters, small): (Vec<_>, Vec<_>) = expected
        .phases
        .iter()
        .partition(|phase| phase.high >= SMALL);
    let mut rows: Vec<Vec<String>> = matters
        .iter()
        .map(|phase| {
            vec![
                phase.phase.words().to_owned(),
                words::range(phase.low, phase.high),
                phase.why.clone(),
            ]
        })
        .collect();
    if !small.is_empty() {
        let sum = |of: fn(&Expected) -> f64| small.iter().map(|phase| of(phase)).sum();
        let names = small.iter().map(|phase| phase.phase.words());
        rows.push(vec![
            "the rest".into(),
            words::range(sum(|phase| phase.low), sum(|phase| phase.high)),
            names.collect::<Vec<_>>().join(", "),
        ]);
    }
    let total = words::range(expected.low, expected.high);
    rows.push(vec!["in all".into(), total, String::new()]);
    rows
}

/// What came, beside what was expected.
pub fn compared(seconds: f64, phases: &[Took], expected: Option<&Estimate>) -> Section {
    let of_phase = |phase: Phase| expected.and_then(|expected| expected.phase(phase));
    let told = phases.iter().filter(|took| {
        took.seconds >= MOMENT || of_phase(took.phase).is_some_and(|phase| phase.low > MOMENT)
    });
    let mut rows: Vec<Vec<String>> = told
        .map(|took| {
            let range = of_phase(took.phase).map(|phase| words::range(phase.low, phase.high));
            vec![
                took.phase.words().to_owned(),
                words::duration(took.seconds),
                range.unwrap_or_default(),
            ]
        })
        .collect();
    let range = expected.map(|expected| words::range(expected.low, expected.high));
    rows.push(vec![
        "in all".into(),
        words::duration(seconds),
        range.unwrap_or_default(),
    ]);
    let headers = ["Phase", "Took", "Expected"].map(str::to_owned);
    Section::Table {
        headers: headers.to_vec(),
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Estimate {
        Estimate::of(vec![
            Expected::new(Phase::Fence, (1.0, 9.0), "sessions"),
            Expected::new(Phase::Pause, (2.0, 120.0), "between two polls"),
        ])
    }

    fn rows(section: Section) -> Vec<Vec<String>> {
        match section {
            Section::Table { rows, .. } => rows,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn before_the_window_the_phases_that_matter_the_rest_and_the_whole() {
        assert_eq!(
            rows(forecast_table(&expected())),
            [
                ["pause Connect", "2s to 2m 00s", "between two polls"],
                ["the rest", "1s to 9s", "fence the old database"],
                ["in all", "3s to 2m 09s", ""],
            ]
        );
    }

    #[test]
    fn after_the_window_what_came_beside_what_was_expected() {
        let took = |phase, seconds| Took { phase, seconds };
        let phases = [
            took(Phase::Fence, 0.3),
            took(Phase::Pause, 130.0),
            took(Phase::WaitingForYou, 60.0),
        ];
        assert_eq!(
            rows(compared(190.3, &phases, Some(&expected()))),
            [
                ["pause Connect", "2m 10s", "2s to 2m 00s"],
                ["waiting for you", "1m 00s", ""],
                ["in all", "3m 10s", "3s to 2m 09s"],
            ]
        );
    }
}
