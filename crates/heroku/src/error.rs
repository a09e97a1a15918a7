//! The one error of the clients, cut along what a caller can do about it.

use crate::refusal::{Call, Refusal};

/// Why a request has no usable answer.
///
/// Sorted by Heroku's error id first and by status second, since the same id comes with several
/// statuses (Platform API reference, "Errors").
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// 401: the token is missing, revoked or expired.
    #[error("the token was not accepted: {0}; log in and run the same command again")]
    Unauthorized(Box<Refusal>),
    /// 403 `two_factor`: the app asks for a second factor with each session.
    #[error("a second factor is required: {0}")]
    TwoFactorRequired(Box<Refusal>),
    /// 403: this account may not do that.
    #[error("not allowed: {0}")]
    Forbidden(Box<Refusal>),
    /// 403 `suspended`: the account or the app is suspended.
    #[error("suspended: {0}")]
    Suspended(Box<Refusal>),
    /// 402 `delinquent`: bills are unpaid.
    #[error("payment is due: {0}")]
    Delinquent(Box<Refusal>),
    /// 404 or 410; [`Refusal::resource`] says what, where Heroku says it.
    #[error("not found: {0}")]
    NotFound(Box<Refusal>),
    /// 409: the state of the thing does not permit it now.
    #[error("in conflict with the present state: {0}")]
    Conflict(Box<Refusal>),
    /// `confirmation_required`, whatever its status: the app's name has to be given.
    #[error("confirmation is required: {0}")]
    ConfirmationRequired(Box<Refusal>),
    /// 400 or 422: Heroku does not accept what was asked for.
    #[error("the request was not accepted: {0}")]
    InvalidParams(Box<Refusal>),
    /// 423: the thing is locked.
    #[error("locked: {0}")]
    Locked(Box<Refusal>),
    /// A Connect connection that would not pause, as it was not idle. Try again later.
    #[error("the connection is not idle: {0}")]
    NotIdle(Box<Refusal>),
    /// 429, still, after the waits that are worth while.
    #[error("too many requests: {0}")]
    RateLimited(Box<Refusal>),
    /// 5xx, or 408.
    #[error("the server failed: {0}")]
    Server(Box<Refusal>),
    /// Any other answer outside 2xx.
    #[error("unexpected answer: {0}")]
    Unexpected(Box<Refusal>),
    /// No answer: the connection could not be made, or broke.
    #[error("no answer to {call}")]
    Network {
        /// The request.
        call: Call,
        /// Whether the server may have seen the request, and done it.
        maybe_sent: bool,
        /// What the transport says.
        source: reqwest::Error,
    },
    /// The request would have been tried again, and nobody wanted that any more.
    #[error("interrupted, so the request was not tried again")]
    GivenUp {
        /// What the last attempt came to.
        source: Box<Error>,
    },
    /// No answer in time.
    #[error("no answer to {call} in time")]
    Timeout {
        /// The request.
        call: Call,
        /// Whether the server may have seen the request, and done it.
        maybe_sent: bool,
        /// What the transport says.
        source: reqwest::Error,
    },
    /// A 2xx answer that cannot be understood. Never carries the text itself: it may hold secrets.
    #[error("the answer to {call} cannot be read as {what}: {place}")]
    Malformed {
        /// The request.
        call: Call,
        /// What was expected.
        what: &'static str,
        /// Where it went wrong, and how.
        place: String,
        /// The server's id of this request.
        request_id: Option<String>,
    },
    /// A change was accepted, but how things are now could not be read.
    #[error("{call} was accepted, but its outcome could not be read")]
    Unconfirmed {
        /// The change.
        call: Call,
        /// Why it could not be read.
        source: Box<Error>,
    },
    /// The server showed a certificate that proves nothing. Nothing was sent.
    #[error("{call} was not sent, as the server could not prove that it is Heroku's: {why}")]
    Untrusted {
        /// The request.
        call: Call,
        /// What is wrong with the certificate.
        why: String,
    },
    /// A server that may not be shown the token, named by an answer or a redirect.
    #[error("{call} leads to {host}, which is neither Heroku's nor on this machine: not followed")]
    ForeignHost {
        /// The request that would go there, or was redirected.
        call: Call,
        /// The host.
        host: String,
    },
    /// The client is read-only; nothing was sent.
    #[error("{call} would change something, and this command changes nothing: not sent")]
    DryRun {
        /// The request that was held back.
        call: Call,
    },
    /// The HTTP client could not be made.
    #[error("cannot set up HTTPS: {reason}")]
    Setup {
        /// What is missing.
        reason: String,
        /// What the transport says.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    /// Whether the same request may well succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Network { .. } | Error::Timeout { .. } => true,
            Error::Server(_) | Error::RateLimited(_) => true,
            Error::Unconfirmed { source, .. } | Error::GivenUp { source } => source.is_transient(),
            _ => false,
        }
    }

    /// The error of a request that is not tried again though it could be.
    pub(crate) fn given_up(self) -> Error {
        match self {
            Error::GivenUp { .. } => self,
            other => Error::GivenUp {
                source: Box::new(other),
            },
        }
    }

    /// Whether it was interrupted between two attempts, rather than having failed for good.
    pub fn is_given_up(&self) -> bool {
        match self {
            Error::GivenUp { .. } => true,
            Error::Unconfirmed { source, .. } => source.is_given_up(),
            _ => false,
        }
    }

    /// Whether a new login is what helps.
    pub fn needs_login(&self) -> bool {
        match self {
            Error::Unauthorized(_) => true,
            Error::Unconfirmed { source, .. } | Error::GivenUp { source } => source.needs_login(),
            _ => false,
        }
    }

    /// Whether the request was refused, or never sent, so that nothing can have changed. False
    /// where the answer was lost: list and compare before asking again.
    pub fn is_without_effect(&self) -> bool {
        match self {
            Error::Network { maybe_sent, .. } | Error::Timeout { maybe_sent, .. } => !maybe_sent,
            Error::Server(_) | Error::Malformed { .. } | Error::Unconfirmed { .. } => false,
            Error::GivenUp { source } => source.is_without_effect(),
            _ => true,
        }
    }

    /// What the server said, where it said anything.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Unauthorized(refusal)
            | Error::TwoFactorRequired(refusal)
            | Error::Forbidden(refusal)
            | Error::Suspended(refusal)
            | Error::Delinquent(refusal)
            | Error::NotFound(refusal)
            | Error::Conflict(refusal)
            | Error::ConfirmationRequired(refusal)
            | Error::InvalidParams(refusal)
            | Error::Locked(refusal)
            | Error::NotIdle(refusal)
            | Error::RateLimited(refusal)
            | Error::Server(refusal)
            | Error::Unexpected(refusal) => Some(refusal),
            Error::Unconfirmed { source, .. } | Error::GivenUp { source } => source.refusal(),
            _ => None,
        }
    }

    /// The server's id of the request, for Heroku's support.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Malformed { request_id, .. } => request_id.as_deref(),
            other => other.refusal()?.request_id.as_deref(),
        }
    }

    /// The error that a refusal is.
    pub(crate) fn from_refusal(refusal: Refusal) -> Error {
        let status = refusal.status;
        let make: fn(Box<Refusal>) -> Error = match (refusal.id.as_deref(), status) {
            (Some("two_factor"), _) => Error::TwoFactorRequired,
            (Some("confirmation_required"), _) => Error::ConfirmationRequired,
            (Some("suspended"), _) => Error::Suspended,
            (Some("delinquent"), _) | (_, 402) => Error::Delinquent,
            (Some("rate_limit"), _) | (_, 429) => Error::RateLimited,
            (Some("unauthorized"), _) | (_, 401) => Error::Unauthorized,
            (_, 403) => Error::Forbidden,
            (_, 404 | 410) => Error::NotFound,
            (_, 409) => Error::Conflict,
            (_, 400 | 422) => Error::InvalidParams,
            (_, 423) => Error::Locked,
            (_, 408 | 500..=599) => Error::Server,
            _ => Error::Unexpected,
        };
        make(Box::new(refusal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, id: Option<&str>) -> Error {
        Error::from_refusal(Refusal {
            call: Call {
                method: "GET".into(),
                target: "api.heroku.com/apps/demo".into(),
            },
            status,
            id: id.map(str::to_owned),
            message: "Couldn't find that app.".into(),
            resource: Some("app".into()),
            url: None,
            request_id: Some("r-1".into()),
            retry_after: None,
        })
    }

    #[test]
    fn the_id_decides_before_the_status() {
        for status in [400, 422, 423] {
            let error = error(status, Some("confirmation_required"));
            assert!(matches!(error, Error::ConfirmationRequired(_)), "{status}");
        }
        assert!(matches!(
            error(403, Some("two_factor")),
            Error::TwoFactorRequired(_)
        ));
        assert!(matches!(error(403, Some("forbidden")), Error::Forbidden(_)));
        assert!(matches!(error(402, None), Error::Delinquent(_)));
    }

    #[test]
    fn says_message_status_and_request_id() {
        assert_eq!(
            error(404, Some("not_found")).to_string(),
            "not found: Couldn't find that app. (GET api.heroku.com/apps/demo, status 404, error \
             id not_found, request id r-1)"
        );
    }

    #[test]
    fn knows_what_may_have_happened() {
        assert!(error(422, None).is_without_effect());
        assert!(!error(503, None).is_without_effect());
        assert!(error(503, None).is_transient());
        assert!(!error(404, None).is_transient());
        assert!(error(401, None).needs_login());
    }
}
