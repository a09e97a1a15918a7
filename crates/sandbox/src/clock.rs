//! Sandbox time: the wall clock, running faster.
//!
//! Every delay that a real service would have (provisioning, dyno stops, Connect's polling) is
//! slept through [`Clock::sleep`], so one number decides how long a rehearsal takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Sandbox time. Starts at the real time and runs `speed` times faster than it.
///
/// Clones share one origin, so all parts of a sandbox agree on what time it is.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Origin>);

#[derive(Debug)]
struct Origin {
    wall: Timestamp,
    monotonic: Instant,
    speed: f64,
}

impl Clock {
    /// A clock that starts now. A `speed` that is not a positive finite number means 1.
    #[must_use]
    pub fn new(speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 {
            speed
        } else {
            1.0
        };
        Self(Arc::new(Origin {
            wall: Timestamp::now(),
            monotonic: Instant::now(),
            speed,
        }))
    }

    /// The present moment in sandbox time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let elapsed = self.0.monotonic.elapsed().mul_f64(self.0.speed);
        SignedDuration::try_from(elapsed)
            .ok()
            .and_then(|elapsed| self.0.wall.checked_add(elapsed).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// The real moment at which sandbox time began to run.
    #[must_use]
    pub fn origin(&self) -> Timestamp {
        self.0.wall
    }

    /// Waits for `duration` of sandbox time, which is `duration / speed` of real time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(self.real(duration)).await;
    }

    /// How many sandbox seconds pass in one real second.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.0.speed
    }

    /// The real time that `duration` of sandbox time takes.
    #[must_use]
    pub fn real(&self, duration: Duration) -> Duration {
        Duration::try_from_secs_f64(duration.as_secs_f64() / self.0.speed).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_of_sandbox_time_is_a_sixtieth_at_speed_sixty() {
        let clock = Clock::new(60.0);
        assert_eq!(clock.real(Duration::from_secs(60)), Duration::from_secs(1));
    }

    #[test]
    fn a_nonsense_speed_is_real_time() {
        for speed in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Clock::new(speed).speed(), 1.0);
        }
    }

    #[tokio::test]
    async fn sleeping_moves_the_clock_by_at_least_the_asked_time() {
        let clock = Clock::new(10_000.0);
        let before = clock.now();
        clock.sleep(Duration::from_secs(30)).await;
        assert!(clock.now().duration_since(before) >= SignedDuration::from_secs(30));
    }
}
