//! Tells how far a load of rows is: bytes, rate and time left, of the table and of all.

use std::sync::Mutex;

use connect_swap_engine::{Level, Progress, Scope};
use connect_swap_postgres::{Amount, LoadProgress as Told};
use jiff::Timestamp;

use crate::words;
use crate::world::World;

/// The recent rate is taken over this many seconds.
const RECENT_SECONDS: f64 = 10.0;

/// Turns what a load tells into a step's progress.
pub(crate) struct LoadProgress<'s, 'w> {
    scope: &'s Scope<'w, World>,
    recent: Mutex<Rate>,
}

impl<'s, 'w> LoadProgress<'s, 'w> {
    pub(crate) fn new(scope: &'s Scope<'w, World>) -> Self {
        Self {
            scope,
            recent: Mutex::new(Rate::new(scope.clock.now())),
        }
    }

    pub(crate) fn tell(&self, told: &Told<'_>) {
        match told {
            Told::Rows { table, this, all } => {
                let rate = self
                    .recent
                    .lock()
                    .map(|mut rate| rate.at(self.scope.clock.now(), all.bytes))
                    .unwrap_or_default();
                self.scope
                    .progress(rows(&table.to_string(), *this, *all, rate));
            }
            Told::Building { what, done, of } => self.scope.progress(Progress {
                message: format!("making {what}"),
                done: Some(*done as u64),
                total: Some(*of as u64),
                unit: Some("keys, indexes and statistics".into()),
                eta_seconds: None,
            }),
            Told::Reconnecting { why } => self.scope.notice(
                Level::Warning,
                format!("a connection was lost and is opened again; the table under way begins anew: {why}"),
            ),
            _ => {}
        }
    }
}

fn rows(table: &str, this: Amount, all: Amount, rate: Option<f64>) -> Progress {
    let left = all.of_bytes.saturating_sub(all.bytes);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    let eta = rate
        .filter(|rate| *rate > 0.0)
        .map(|rate| (left as f64 / rate).ceil() as u64);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    let speed = rate.map_or_else(String::new, |rate| {
        format!(", {}/s", words::size(rate as u64))
    });
    Progress {
        message: format!(
            "{table} {} of {}{speed}; {} of about {} rows in all",
            words::size(this.bytes),
            words::size(this.of_bytes),
            all.rows,
            all.of_rows.max(all.rows)
        ),
        done: Some(all.bytes),
        total: Some(all.of_bytes),
        unit: Some("bytes".into()),
        eta_seconds: eta,
    }
}

/// Bytes a second over the last few seconds.
struct Rate {
    since: Timestamp,
    bytes: u64,
    last: Option<f64>,
}

impl Rate {
    fn new(now: Timestamp) -> Self {
        Self {
            since: now,
            bytes: 0,
            last: None,
        }
    }

    fn at(&mut self, now: Timestamp, bytes: u64) -> Option<f64> {
        let seconds = now.duration_since(self.since).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let rate = (seconds >= 1.0).then(|| bytes.saturating_sub(self.bytes) as f64 / seconds);
        if rate.is_some() {
            self.last = rate;
        }
        if seconds >= RECENT_SECONDS {
            (self.since, self.bytes) = (now, bytes);
        }
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_of_the_last_seconds_and_tells_the_time_left() {
        let at = |seconds: i64| Timestamp::from_second(1000 + seconds).unwrap();
        let mut rate = Rate::new(at(0));
        assert_eq!(rate.at(at(0), 10), None);
        assert_eq!(rate.at(at(2), 2_000_000), Some(1_000_000.0));
        assert_eq!(rate.at(at(10), 10_000_000), Some(1_000_000.0));
        assert_eq!(rate.at(at(12), 30_000_000), Some(10_000_000.0));
        let all = Amount {
            bytes: 30_000_000,
            of_bytes: 130_000_000,
            rows: 5,
            of_rows: 3,
        };
        let told = rows("public.t", all, all, Some(10_000_000.0));
        assert_eq!(told.eta_seconds, Some(10));
        assert!(
            told.message.contains("5 of about 5 rows"),
            "{}",
            told.message
        );
    }
}
