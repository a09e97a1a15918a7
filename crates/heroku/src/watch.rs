//! Who is told that a request is tried again, and who may put an end to that.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Error;
use crate::refusal::Call;

/// Why a request is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryReason {
    /// Too many requests; how long the server asks to be left alone, where it says so.
    RateLimited {
        /// Its `Retry-After`.
        asked: Option<Duration>,
    },
    /// The server answered that it failed.
    ServerFailed {
        /// The HTTP status.
        status: u16,
    },
    /// No answer came, or no whole one.
    NoAnswer,
}

/// A pause before a request is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// The request.
    pub call: Call,
    /// Why.
    pub reason: RetryReason,
    /// How long is waited, in the servers' time: at most two minutes, whatever a server asks for.
    pub wait: Duration,
    /// The number of the attempt to come, from 1.
    pub attempt: u32,
    /// How many attempts are made.
    pub of: u32,
}

/// Watches a client's pauses between two attempts.
#[async_trait]
pub trait RetryWatcher: Send + Sync {
    /// A pause begins. Must not block.
    fn retrying(&self, retry: &Retry);

    /// Resolves once nothing is to be tried again: the pause under way ends at once, and the call
    /// with [`Error::GivenUp`]. May be dropped at its await.
    async fn given_up(&self);
}

/// The watcher of a client, where it has one.
#[derive(Clone, Default)]
pub(crate) struct Watch(Option<Arc<dyn RetryWatcher>>);

impl Watch {
    pub(crate) fn by(watcher: Arc<dyn RetryWatcher>) -> Self {
        Self(Some(watcher))
    }

    pub(crate) fn tell(&self, retry: &Retry) {
        if let Some(watcher) = &self.0 {
            watcher.retrying(retry);
        }
    }

    pub(crate) async fn given_up(&self) {
        match &self.0 {
            Some(watcher) => watcher.given_up().await,
            None => std::future::pending().await,
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Watch(somebody)",
            None => "Watch(nobody)",
        })
    }
}

impl RetryReason {
    /// The reason that an error is.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::RateLimited(refusal) => Self::RateLimited {
                asked: refusal.retry_after,
            },
            other => match other.refusal() {
                Some(refusal) => Self::ServerFailed {
                    status: refusal.status,
                },
                None => Self::NoAnswer,
            },
        }
    }
}
