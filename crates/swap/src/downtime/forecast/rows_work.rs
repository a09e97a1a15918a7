//! What is left to do with rows once the window is open.

use crate::steps::cutover::FEW_KEYS;
use crate::topology::DatabaseView;

/// Rows are copied, indexed and compared at between 20 and 80 MB a second: cautious figures for
/// PostgreSQL on Heroku's plans, below what docs/performance.md measures on one machine.
const SLOW_BYTES_PER_SECOND: f64 = 20e6;
/// See [`SLOW_BYTES_PER_SECOND`].
const FAST_BYTES_PER_SECOND: f64 = 80e6;
/// Changed rows are brought over at a thousand a second at worst, many tables with few rows each.
const SLOW_ROWS_PER_SECOND: f64 = 1e3;

/// The rows that the window has to deal with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RowsWork {
    /// Changed rows that wait to be carried over.
    pub(crate) backlog_rows: u64,
    /// Bytes that are copied and compared inside the window in any case.
    pub(crate) bytes_at_least: u64,
    /// The same, if every table without a key changes after the rounds before the window.
    pub(crate) bytes_at_most: u64,
}

impl RowsWork {
    /// What no round before the window can bring over, and as many changed rows as those rounds
    /// leave at the most.
    pub(crate) fn of(database: &DatabaseView) -> Self {
        let large = database.large_objects.bytes;
        let tables = |only_there: bool| -> u64 {
            let tables = database.copied_whole.iter();
            tables
                .filter(|table| !only_there || !table.why.can_be_seeded())
                .map(|table| table.bytes)
                .sum()
        };
        Self {
            backlog_rows: FEW_KEYS,
            bytes_at_least: large + tables(true),
            bytes_at_most: large + tables(false),
        }
    }

    /// Seconds at best and at worst.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn seconds(&self) -> (f64, f64) {
        let rows = self.backlog_rows as f64;
        (
            self.bytes_at_least as f64 / FAST_BYTES_PER_SECOND,
            rows / SLOW_ROWS_PER_SECOND + self.bytes_at_most as f64 / SLOW_BYTES_PER_SECOND,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_backlog_add_up() {
        let mut work = RowsWork {
            backlog_rows: 0,
            bytes_at_least: 800_000_000,
            bytes_at_most: 1_600_000_000,
        };
        assert_eq!(work.seconds(), (10.0, 80.0));
        work.backlog_rows = 10_000;
        assert_eq!(work.seconds(), (10.0, 90.0));
    }
}
