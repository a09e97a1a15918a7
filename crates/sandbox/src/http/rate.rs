//! The Platform API's request budget: a token bucket, told in `RateLimit-Remaining`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::options::RateLimit;
use crate::world::Refusal;

/// One account's bucket. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    limit: RateLimit,
    clock: Clock,
    level: Arc<Mutex<Level>>,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Timestamp,
}

impl Bucket {
    pub(crate) fn new(limit: RateLimit, clock: Clock) -> Self {
        let level = Level {
            tokens: f64::from(limit.capacity),
            at: clock.now(),
        };
        Self {
            limit,
            clock,
            level: Arc::new(Mutex::new(level)),
        }
    }

    /// How many requests are left now.
    pub(crate) fn remaining(&self) -> u64 {
        self.with(|tokens| whole(*tokens))
    }

    /// Leaves `remaining` requests.
    pub(crate) fn set(&self, remaining: u32) {
        self.with(|tokens| *tokens = f64::from(remaining));
    }

    /// Takes one: what is left afterwards, or nothing where none was there.
    fn take(&self) -> Option<u64> {
        self.with(|tokens| {
            let enough = *tokens >= 1.0;
            enough.then(|| {
                *tokens -= 1.0;
                whole(*tokens)
            })
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut f64) -> R) -> R {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let minutes = now.duration_since(level.at).as_secs_f64() / 60.0;
        let filled = level.tokens + minutes * self.limit.refill_per_minute;
        level.at = now;
        level.tokens = filled.min(f64::from(self.limit.capacity));
        act(&mut level.tokens)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the capacity, a u32"
)]
fn whole(tokens: f64) -> u64 {
    tokens.max(0.0) as u64
}

/// Lets a request through while the bucket has something. `GET /account/rate-limits` is free.
pub(crate) async fn limit(State(bucket): State<Bucket>, request: Request, next: Next) -> Response {
    let free = request.uri().path() == "/account/rate-limits";
    let remaining = if free {
        Some(bucket.remaining())
    } else {
        bucket.take()
    };
    let mut response = if remaining.is_some() {
        next.run(request).await
    } else {
        let message = "Your account reached the API rate limit. Please wait a few minutes before \
                       making new requests";
        Refusal::new(429, "rate_limit", message).into_response()
    };
    response
        .headers_mut()
        .insert("RateLimit-Remaining", remaining.unwrap_or(0).into());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bucket_gives_nothing() {
        let limit = RateLimit {
            capacity: 3,
            refill_per_minute: 0.0,
        };
        let bucket = Bucket::new(limit, Clock::new(1.0));
        assert_eq!(
            [bucket.take(), bucket.take(), bucket.take()],
            [Some(2), Some(1), Some(0)]
        );
        assert_eq!(bucket.take(), None);
        bucket.set(2);
        assert_eq!(bucket.take(), Some(1));
    }
}
