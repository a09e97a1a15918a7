//! What is left to do with rows once the window is open.

use connect_swap_postgres::Inventory;

/// Rows are copied, indexed and compared at between 20 and 80 MB a second: cautious figures for
/// PostgreSQL on Heroku's plans, below what docs/performance.md measures on one machine.
const SLOW_BYTES_PER_SECOND: f64 = 20e6;
/// See [`SLOW_BYTES_PER_SECOND`].
const FAST_BYTES_PER_SECOND: f64 = 80e6;
/// Changed rows are applied one statement after the other: at a thousand a second at worst and ten
/// thousand at best, where it was not measured.
const SLOW_ROWS_PER_SECOND: f64 = 1e3;
/// See [`SLOW_ROWS_PER_SECOND`].
const FAST_ROWS_PER_SECOND: f64 = 1e4;

/// The rows that the window has to deal with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RowsWork {
    /// Changed rows that wait to be carried over.
    pub(crate) backlog_rows: u64,
    /// How many were carried over in a second, where it was measured.
    pub(crate) rows_per_second: Option<f64>,
    /// Bytes that are copied and compared inside the window.
    pub(crate) bytes_copied_in_window: u64,
}

impl RowsWork {
    /// Every table that Connect does not own is copied inside the window.
    pub(crate) fn all_in_window(inventory: &Inventory) -> Self {
        let bytes = inventory.unmanaged().filter_map(|object| object.bytes);
        Self {
            backlog_rows: 0,
            rows_per_second: None,
            bytes_copied_in_window: bytes.map(|bytes| bytes.max(0).unsigned_abs()).sum(),
        }
    }

    /// Seconds at best and at worst.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn seconds(&self) -> (f64, f64) {
        let (rows, bytes) = (self.backlog_rows as f64, self.bytes_copied_in_window as f64);
        let measured = self.rows_per_second.filter(|rate| *rate > 0.0);
        let fast = measured.unwrap_or(FAST_ROWS_PER_SECOND);
        // What goes on in the window competes with nothing, but a measured rate is one of a moment.
        let slow = measured.map_or(SLOW_ROWS_PER_SECOND, |rate| rate / 2.0);
        (
            rows / fast + bytes / FAST_BYTES_PER_SECOND,
            rows / slow + bytes / SLOW_BYTES_PER_SECOND,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_backlog_add_up_and_a_measured_rate_wins() {
        let mut work = RowsWork {
            backlog_rows: 0,
            rows_per_second: None,
            bytes_copied_in_window: 1_600_000_000,
        };
        assert_eq!(work.seconds(), (20.0, 80.0));
        work.backlog_rows = 10_000;
        assert_eq!(work.seconds(), (21.0, 90.0));
        work.rows_per_second = Some(500.0);
        assert_eq!(work.seconds(), (40.0, 120.0));
        work.rows_per_second = Some(0.0);
        assert_eq!(work.seconds(), (21.0, 90.0));
    }
}
