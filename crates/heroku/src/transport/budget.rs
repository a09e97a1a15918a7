//! The account's request budget, shared with everything else its owner runs.
//!
//! A token bucket of 4,500 requests, refilled by 75 a minute; every answer of the Platform API
//! carries `RateLimit-Remaining` (Platform API reference, "Rate limits").

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Below a tenth of the bucket requests are spaced out.
const LOW: u64 = 450;

/// The time in which the bucket gains one request.
const REFILL: Duration = Duration::from_millis(800);

/// No answer has told yet.
const UNKNOWN: u64 = u64::MAX;

/// What is left of the budget.
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

impl Budget {
    pub(super) fn new() -> Self {
        Budget(AtomicU64::new(UNKNOWN))
    }

    pub(super) fn remaining(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|left| *left != UNKNOWN)
    }

    /// Takes note of a `RateLimit-Remaining` header; anything but a number is ignored.
    pub(super) fn note(&self, header: Option<String>) {
        if let Some(left) = header.and_then(|text| text.trim().parse::<u64>().ok()) {
            self.0.store(left.min(UNKNOWN - 1), Ordering::Relaxed);
        }
    }

    /// How long to wait before the next request, so that the bucket does not run dry: nothing
    /// while it is fuller than a tenth, then at the rate of refilling, up to half of it.
    pub(super) fn pace(&self) -> Duration {
        match self.remaining() {
            Some(left) if left < LOW => REFILL.mul_f64(1.0 + (LOW - left) as f64 / LOW as f64),
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_requests_out_when_little_is_left() {
        let budget = Budget::new();
        assert_eq!((budget.remaining(), budget.pace()), (None, Duration::ZERO));
        budget.note(Some("450".into()));
        assert_eq!(
            (budget.remaining(), budget.pace()),
            (Some(450), Duration::ZERO)
        );
        budget.note(Some("0".into()));
        assert_eq!(budget.pace(), REFILL * 2);
        budget.note(Some("many".into()));
        assert_eq!(budget.remaining(), Some(0));
    }
}
