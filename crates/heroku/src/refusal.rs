//! What a server said when it refused, and which request it was.

use std::fmt;
use std::time::Duration;

/// A request, as far as it may be shown: no query, no body, no header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GET`, `POST`…
    pub method: String,
    /// Host and path (`api.heroku.com/apps/demo`).
    pub target: String,
}

impl Call {
    pub(crate) fn new(method: &reqwest::Method, url: &url::Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Call {
            method: method.to_string(),
            target: format!("{host}{port}{}", url.path()),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

/// An answer that was not 2xx.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The request.
    pub call: Call,
    /// HTTP status.
    pub status: u16,
    /// Heroku's error id (`not_found`, `rate_limit`…), which says more than the status.
    pub id: Option<String>,
    /// Heroku's own words, verbatim but for masked secrets and escaped control characters.
    pub message: String,
    /// What was not found, where Heroku says it (`app`, `add-on`…).
    pub resource: Option<String>,
    /// Page that explains the error.
    pub url: Option<String>,
    /// The server's id of this request, for Heroku's support.
    pub request_id: Option<String>,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, status {}", self.message, self.call, self.status)?;
        if let Some(id) = &self.id {
            write!(f, ", error id {id}")?;
        }
        if let Some(request) = &self.request_id {
            write!(f, ", request id {request}")?;
        }
        f.write_str(")")?;
        if let Some(url) = &self.url {
            write!(f, "; see {url}")?;
        }
        Ok(())
    }
}
