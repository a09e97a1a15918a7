//! How often a request is tried, and how long is waited between.

use std::time::Duration;

use super::request::Effect;
use crate::error::Error;
use crate::refusal::Call;
use crate::watch::{Retry, RetryReason};

/// Attempts at a request that fails for a reason of the moment.
const ATTEMPTS: u32 = 5;

/// How long a client goes on with a request that fails for a reason of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Seconds: somebody waits at the screen.
    Short,
    /// Minutes, as Heroku's incidents take: to stop would cost more than to wait, and nothing can be
    /// put back either while Heroku does not answer.
    Long,
}

impl Patience {
    /// How many attempts are made where they end so. Whoever does not answer at all takes a minute for
    /// each; after 429 the pauses are longer.
    fn attempts(self, error: &Error) -> u32 {
        match (self, error) {
            (Self::Short, _) | (Self::Long, Error::Timeout { .. }) => ATTEMPTS,
            (Self::Long, Error::RateLimited(_)) => 8,
            (Self::Long, _) => 16,
        }
    }
}

/// First pause after a failure; doubled each time, up to the longest.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// First pause after 429, doubled each time. At 75 requests a minute ten seconds bring twelve
/// (heroku-go waits longer, but nobody's app is down meanwhile).
const LIMITED_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause, also where the server asks for a longer one: a run may be in its window.
const LONGEST_LIMITED_PAUSE: Duration = Duration::from_secs(120);

/// The attempts made at one request.
#[derive(Debug)]
pub(super) struct Attempts {
    made: u32,
    patience: Patience,
}

impl Attempts {
    pub(super) fn new(patience: Patience) -> Self {
        Self { made: 0, patience }
    }

    /// The pause before the next attempt at `call`; none when there should be none.
    pub(super) fn next(&mut self, call: Call, error: &Error, effect: Effect) -> Option<Retry> {
        self.made += 1;
        let of = self.patience.attempts(error);
        if self.made >= of || !may_repeat(error, effect) {
            return None;
        }
        Some(Retry {
            call,
            reason: RetryReason::of(error),
            wait: jittered(pause(self.made, error)).min(LONGEST_LIMITED_PAUSE),
            attempt: self.made + 1,
            of,
        })
    }
}

/// A pause for the n-th repetition, for callers that count by themselves.
pub(super) fn backoff(n: u32) -> Duration {
    jittered(doubled(PAUSE, n, LONGEST_PAUSE))
}

fn may_repeat(error: &Error, effect: Effect) -> bool {
    match effect {
        Effect::Read | Effect::Idempotent => error.is_transient(),
        Effect::Once => error.is_transient() && error.is_without_effect(),
    }
}

fn pause(attempt: u32, error: &Error) -> Duration {
    match error {
        Error::RateLimited(refusal) => refusal
            .retry_after
            .unwrap_or_else(|| doubled(LIMITED_PAUSE, attempt, LONGEST_LIMITED_PAUSE))
            .min(LONGEST_LIMITED_PAUSE),
        _ => doubled(PAUSE, attempt, LONGEST_PAUSE),
    }
}

fn doubled(first: Duration, attempt: u32, longest: Duration) -> Duration {
    first
        .saturating_mul(1 << attempt.saturating_sub(1).min(16))
        .min(longest)
}

/// Up to a quarter longer, so that several clients do not come back together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(1.0 + fastrand::f64() / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;

    fn refusal(status: u16, retry_after: Option<u64>) -> Error {
        Error::from_refusal(Refusal {
            call: Call {
                method: "POST".into(),
                target: "api.heroku.com/x".into(),
            },
            status,
            id: None,
            message: String::new(),
            resource: None,
            url: None,
            request_id: None,
            retry_after: retry_after.map(Duration::from_secs),
        })
    }

    fn waits(error: &Error, effect: Effect) -> Vec<Duration> {
        waits_of(Patience::Short, error, effect)
    }

    fn waits_of(patience: Patience, error: &Error, effect: Effect) -> Vec<Duration> {
        let mut attempts = Attempts::new(patience);
        let call = || Call {
            method: "GET".into(),
            target: "api.heroku.com/x".into(),
        };
        std::iter::from_fn(|| attempts.next(call(), error, effect))
            .map(|retry| retry.wait)
            .take(20)
            .collect()
    }

    #[test]
    fn a_read_is_tried_five_times_with_longer_and_longer_pauses() {
        let waits = waits(&refusal(503, None), Effect::Read);
        assert_eq!(waits.len(), 4);
        for (index, wait) in waits.iter().enumerate() {
            let base = PAUSE * (1 << index);
            assert!(
                (base..=base.mul_f64(1.25)).contains(wait),
                "{index}: {wait:?}"
            );
        }
    }

    #[test]
    fn an_incident_of_minutes_is_waited_out_by_who_is_patient() {
        let seconds = |status| {
            let waits = waits_of(Patience::Long, &refusal(status, None), Effect::Read);
            waits.iter().sum::<Duration>().as_secs()
        };
        assert!((120..300).contains(&seconds(503)), "{}", seconds(503));
        assert!((300..900).contains(&seconds(429)), "{}", seconds(429));
        assert_eq!(seconds(422), 0);
        assert!(waits_of(Patience::Long, &refusal(503, None), Effect::Once).is_empty());
    }

    #[test]
    fn what_is_done_once_is_repeated_only_when_it_was_not_done() {
        assert!(waits(&refusal(503, None), Effect::Once).is_empty());
        assert_eq!(waits(&refusal(429, None), Effect::Once).len(), 4);
        assert!(waits(&refusal(422, None), Effect::Read).is_empty());
    }

    #[test]
    fn the_server_may_ask_for_a_bounded_pause() {
        let waits = waits(&refusal(429, Some(100_000)), Effect::Read);
        assert_eq!(waits, [LONGEST_LIMITED_PAUSE; 4]);
    }
}
