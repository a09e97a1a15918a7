//! Things that go wrong on purpose.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A fault that waits for its requests. Counted in requests, never in time, so that a test meets
/// it at the same point in every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Given by the sandbox.
    #[serde(default)]
    pub id: u64,
    /// Only this method; any where it is `None`.
    #[serde(default)]
    pub method: Option<String>,
    /// A regular expression that must match the path, query included (`/apps/demo/formation$`).
    pub path: String,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it then hits; without end where it is `None`.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What happens to them.
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// What a fault does to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FaultKind {
    /// Nothing is done; this answer comes instead.
    ErrorBefore {
        /// The status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// Everything is done, but this answer comes.
    ErrorAfter {
        /// The status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// Nothing is done and no answer comes.
    HangBefore,
    /// Everything is done and no answer comes.
    HangAfter,
    /// Nothing is done and the connection is reset.
    ResetBefore,
    /// Everything is done and the connection is reset.
    ResetAfter,
    /// Everything is done, and half of the answer comes.
    TruncatedBody,
    /// Everything is done, and the answer is no JSON although it says so.
    MalformedJson,
    /// 429 `rate_limit`, for as many requests as `times` says.
    RateLimited,
    /// 404 `not_found`, for as many requests as `times` says.
    NotFound,
}

/// A fault that cannot be.
#[derive(Debug, thiserror::Error)]
#[error("the fault's path is no regular expression")]
pub struct FaultError(#[from] regex::Error);

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
const fn once() -> Option<u32> {
    Some(1)
}

impl Fault {
    /// A fault for the first matching request alone.
    #[must_use]
    pub fn once(method: &str, path: &str, kind: FaultKind) -> Self {
        let method = Some(method.to_owned());
        Self {
            id: 0,
            method,
            path: path.to_owned(),
            skip: 0,
            times: Some(1),
            kind,
        }
    }

    /// Lets `skip` matching requests pass first.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// Hits `times` requests instead of one.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }
}

/// The faults that are waiting. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    all: Vec<(Fault, Regex)>,
}

impl Faults {
    /// Adds a fault and tells its id.
    pub(crate) fn add(&self, mut fault: Fault) -> Result<u64, FaultError> {
        let path = Regex::new(&fault.path)?;
        let mut waiting = self.lock();
        waiting.last += 1;
        fault.id = waiting.last;
        waiting.all.push((fault, path));
        Ok(waiting.last)
    }

    /// Takes a fault away; `false` where it is not there.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut waiting = self.lock();
        let before = waiting.all.len();
        waiting.all.retain(|(fault, _)| fault.id != id);
        waiting.all.len() < before
    }

    pub(crate) fn clear(&self) {
        self.lock().all.clear();
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.lock()
            .all
            .iter()
            .map(|(fault, _)| fault.clone())
            .collect()
    }

    /// The fault that hits this request, counted as used. Every matching fault counts it.
    pub(crate) fn hit(&self, method: &str, path: &str) -> Option<Fault> {
        let mut waiting = self.lock();
        let mut hit = None;
        for (fault, pattern) in &mut waiting.all {
            let method_matches = fault
                .method
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
            if !method_matches || !pattern.is_match(path) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if hit.is_none() {
                hit = Some(fault.clone());
                fault.times = fault.times.map(|times| times.saturating_sub(1));
            }
        }
        waiting.all.retain(|(fault, _)| fault.times != Some(0));
        hit
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_nth_matching_request_and_is_used_up() {
        let faults = Faults::default();
        let fault = Fault::once("POST", "^/apps/demo/addons$", FaultKind::ResetAfter).after(1);
        faults.add(fault).unwrap();
        assert_eq!(faults.hit("GET", "/apps/demo/addons"), None);
        assert_eq!(faults.hit("POST", "/apps/demo/addons"), None);
        let hit = faults.hit("POST", "/apps/demo/addons").unwrap();
        assert_eq!(hit.kind, FaultKind::ResetAfter);
        assert_eq!(faults.hit("POST", "/apps/demo/addons"), None);
        assert!(faults.all().is_empty());
    }

    #[test]
    fn faults_are_read_from_json() {
        let fault = serde_json::from_value::<Fault>(serde_json::json!({
            "path": "/formation", "kind": "error-after", "status": 503, "body": {"id": "x"}
        }))
        .unwrap();
        assert_eq!(fault.times, Some(1));
        assert!(matches!(
            fault.kind,
            FaultKind::ErrorAfter { status: 503, .. }
        ));
    }

    #[test]
    fn a_path_that_is_no_expression_is_refused() {
        assert!(
            Faults::default()
                .add(Fault::once("GET", "(", FaultKind::NotFound))
                .is_err()
        );
    }
}
