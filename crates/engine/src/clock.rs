//! Time as the engine sees it: a clock that tests and the sandbox can run faster.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// Tells the time and waits.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present moment on this clock.
    fn now(&self) -> Timestamp;

    /// Waits for `duration` of this clock's time.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock, run `speed` times as fast (1 outside the sandbox).
///
/// The time of day is asked for once: a clock that somebody sets later changes nothing. What passes
/// while the machine is suspended, as a laptop that is closed, counts.
#[derive(Debug, Clone)]
pub struct SystemClock {
    origin: Timestamp,
    /// Real time that had passed since the origin when this clock was made.
    ahead: Duration,
    /// What [`since_boot`] said when this clock was made.
    started: Duration,
    speed: f64,
}

impl SystemClock {
    /// A clock that starts at the present moment and runs `speed` times as fast as the machine's.
    ///
    /// A speed that is not a finite number of at least 1 counts as 1.
    pub fn new(speed: f64) -> Self {
        let speed = if speed.is_finite() && speed >= 1.0 {
            speed
        } else {
            1.0
        };
        Self {
            origin: Timestamp::now(),
            ahead: Duration::ZERO,
            started: since_boot(),
            speed,
        }
    }

    /// A clock of the same speed that began at another moment, so that several processes agree on
    /// what time it is.
    #[must_use]
    pub fn since(self, origin: Timestamp) -> Self {
        Self {
            origin,
            ahead: Timestamp::now().duration_since(origin).unsigned_abs(),
            ..self
        }
    }

    /// How many times faster than the machine's clock this one runs.
    pub fn speed(&self) -> f64 {
        self.speed
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let passed = since_boot().saturating_sub(self.started);
        let elapsed = (self.ahead + passed).mul_f64(self.speed);
        self.origin.checked_add(elapsed).unwrap_or(self.origin)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }
}

/// Time since the machine was started, with what it was suspended for; [`std::time::Instant`] leaves
/// that out on Linux and macOS.
///
/// Source: `clock_gettime(2)` of Linux (`CLOCK_BOOTTIME`) and of macOS, whose `CLOCK_MONOTONIC`
/// "will continue to increment while the system is asleep".
fn since_boot() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    // Neither is negative.
    Duration::try_from(rustix::time::clock_gettime(clock)).unwrap_or_default()
}
