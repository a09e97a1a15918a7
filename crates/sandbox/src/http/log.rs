//! What came in over HTTP, kept in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// One request and how it was answered. The Authorization header is never kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggedRequest {
    /// Counts from 1 since the sandbox started.
    pub number: u64,
    /// When it came, in sandbox time.
    pub at: Timestamp,
    /// `GET`, `POST` …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// The body, where it is JSON.
    pub body: Option<Value>,
    /// The answer's status; `None` while there is none, and when the connection was broken.
    pub status: Option<u16>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The `Range` header.
    pub range: Option<String>,
    /// The first id of the `Request-Id` header, or the one that the sandbox made.
    pub request_id: String,
    /// The fault that was played, where one was.
    pub fault: Option<u64>,
}

/// All requests. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    last: u64,
    all: Vec<LoggedRequest>,
}

impl RequestLog {
    /// Writes a request down and gives it its number.
    pub(crate) fn begin(&self, mut request: LoggedRequest) -> u64 {
        let mut entries = self.lock();
        entries.last += 1;
        request.number = entries.last;
        entries.all.push(request);
        entries.last
    }

    pub(crate) fn finish(&self, number: u64, status: Option<u16>, fault: Option<u64>) {
        let mut entries = self.lock();
        if let Some(entry) = entries
            .all
            .iter_mut()
            .rev()
            .find(|entry| entry.number == number)
        {
            entry.status = status;
            entry.fault = fault;
        }
    }

    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        self.lock().all.clone()
    }

    pub(crate) fn clear(&self) {
        self.lock().all.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
