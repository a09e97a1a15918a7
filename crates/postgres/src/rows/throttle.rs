//! Keeps a copy below a number of bytes a second, over all its workers.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// How far ahead of its rate a burst may be.
const BURST: Duration = Duration::from_millis(200);

/// A rate that several workers share.
pub(crate) struct Throttle {
    bytes_per_second: Option<u64>,
    /// When the bytes let through so far would have been used up at the rate.
    used_until: Mutex<Instant>,
}

impl Throttle {
    pub(crate) fn new(bytes_per_second: Option<u64>) -> Self {
        Self {
            bytes_per_second: bytes_per_second.filter(|rate| *rate > 0),
            used_until: Mutex::new(Instant::now()),
        }
    }

    /// Waits until this many more bytes keep to the rate.
    pub(super) async fn take(&self, bytes: usize) {
        if let Some(wait) = self.wait(bytes, Instant::now()) {
            tokio::time::sleep(wait).await;
        }
    }

    fn wait(&self, bytes: usize, now: Instant) -> Option<Duration> {
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let cost = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second? as f64);
        let mut used_until = self.used_until.lock().ok()?;
        *used_until = (*used_until).max(now) + cost;
        (*used_until - now).checked_sub(BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_over_any_number_of_bites() {
        let throttle = Throttle::new(Some(1000));
        let now = Instant::now();
        assert_eq!(throttle.wait(100, now), None);
        let waits: Vec<_> = (0..20).map(|_| throttle.wait(100, now)).collect();
        let last = waits.last().unwrap().unwrap();
        assert!(last > Duration::from_millis(1800) && last < Duration::from_millis(2200));
        // An idle time earns no burst later.
        let later = now + Duration::from_secs(60);
        assert!(throttle.wait(1000, later).unwrap() >= Duration::from_millis(700));
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        assert_eq!(
            Throttle::new(None).wait(usize::MAX >> 12, Instant::now()),
            None
        );
    }
}
