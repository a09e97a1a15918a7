//! How long steps took in earlier attempts at this very swap.

use std::collections::BTreeMap;

use connect_swap_engine::{Entry, Record};
use jiff::Timestamp;

use crate::plans::CUTOVER;

/// Seconds by step, each as it was done last. A step that failed is no measure.
pub(super) struct Earlier(BTreeMap<String, f64>);

impl Earlier {
    pub(super) fn of(records: &[Record]) -> Self {
        let mut begun: BTreeMap<(u32, &str), Timestamp> = BTreeMap::new();
        let mut took = BTreeMap::new();
        for record in records.iter().map(|record| &record.record) {
            if record.phase != CUTOVER {
                continue;
            }
            match &record.entry {
                Entry::Intent { step } => {
                    begun.insert((record.attempt, step), record.at);
                }
                Entry::Applied {
                    step, found: false, ..
                } => {
                    if let Some(from) = begun.get(&(record.attempt, step.as_str())) {
                        let seconds = record.at.duration_since(*from).as_secs_f64();
                        took.insert(step.clone(), seconds.max(0.0));
                    }
                }
                _ => {}
            }
        }
        Self(took)
    }

    /// The steps together, where all of them were measured.
    pub(super) fn all(&self, steps: &[&str]) -> Option<f64> {
        steps.iter().map(|step| self.0.get(*step)).sum()
    }
}

/// The range that one measured value stands for: half to double, and some seconds for what comes
/// in whole seconds. A single measure says no more.
pub(super) fn around(seconds: f64) -> (f64, f64) {
    (seconds / 2.0, seconds * 2.0 + 5.0)
}

#[cfg(test)]
mod tests {
    use connect_swap_engine::{NewRecord, StepError};
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_last_time_that_a_step_was_done_counts_and_a_failure_does_not() {
        let intent = |step: &str| Entry::Intent { step: step.into() };
        let applied = |step: &str, found| Entry::Applied {
            step: step.into(),
            output: Value::Null,
            found,
        };
        let failed = |step: &str| Entry::Failed {
            step: step.into(),
            error: StepError::failed("no"),
        };
        let entries = [
            (1, 0, intent("pause-old")),
            (1, 30, applied("pause-old", false)),
            (2, 100, intent("pause-old")),
            (2, 112, applied("pause-old", false)),
            (3, 200, intent("pause-old")),
            (3, 900, failed("pause-old")),
            (3, 901, applied("drain", true)),
        ];
        let records: Vec<Record> = entries
            .into_iter()
            .map(|(attempt, at, entry)| Record {
                seq: 0,
                record: NewRecord {
                    phase: CUTOVER.into(),
                    attempt,
                    at: Timestamp::from_second(at).unwrap(),
                    entry,
                },
            })
            .collect();
        let earlier = Earlier::of(&records);
        assert_eq!(earlier.all(&["pause-old"]), Some(12.0));
        assert_eq!(earlier.all(&["drain"]), None);
        assert_eq!(earlier.all(&["pause-old", "drain"]), None);
    }
}
