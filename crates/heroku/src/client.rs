//! The handle that everything starts from.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::connect::Connect;
use crate::data::Data;
use crate::error::Error;
use crate::hosts::Hosts;
use crate::platform::Platform;
use crate::transport::Transport;
use crate::watch::RetryWatcher;

/// Whether requests that change something may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Every mutating call fails with [`Error::DryRun`] before anything is sent.
    ReadOnly,
    /// All calls are sent.
    ReadWrite,
}

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the APIs are.
    pub hosts: Hosts,
    /// The bearer token, as the Heroku CLI hands it over.
    pub token: SecretString,
    /// The `User-Agent` header: the program and its version.
    pub user_agent: String,
    /// How many times faster than real time the servers' clock runs: own waits between attempts
    /// are shortened by it. Taken as 1 unless all hosts are on this machine, and where it is less
    /// than 1 or no number.
    pub clock_speed: f64,
    /// Whether mutating calls are sent.
    pub access: Access,
}

/// Heroku, seen by one account. Cheap to clone; clones share connections, counters and the rate
/// limit's state.
#[derive(Debug, Clone)]
pub struct Heroku {
    transport: Transport,
    platform: Platform,
    data: Data,
    connect: Connect,
}

impl Heroku {
    /// A client with these settings. Sends nothing yet.
    ///
    /// # Errors
    /// [`Error::Setup`] where no root certificate is found on this machine, or the user agent is
    /// no header value.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Transport::new(settings).map(Heroku::over)
    }

    /// The same client without the right to change anything.
    pub fn read_only(&self) -> Self {
        Heroku::over(self.transport.read_only())
    }

    /// The same client with another bound for a single request (60 s otherwise).
    pub fn with_timeout(&self, bound: Duration) -> Self {
        Heroku::over(self.transport.with_timeout(bound))
    }

    /// The same client for work that is better continued than stopped: where a request fails for a reason
    /// of the moment, it is tried for some minutes rather than seconds.
    pub fn patient(&self) -> Self {
        Heroku::over(self.transport.patient())
    }

    /// The same client with somebody who is told of its retries and may end them.
    pub fn watched_by(&self, watcher: Arc<dyn RetryWatcher>) -> Self {
        Heroku::over(self.transport.watched_by(watcher))
    }

    /// The Platform API: apps, add-ons, attachments, dynos, releases.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The Data API: databases and whether they are ready.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Heroku Connect: connections, mappings, their configuration.
    pub fn connect(&self) -> &Connect {
        &self.connect
    }

    /// Where the APIs are.
    pub fn hosts(&self) -> &Hosts {
        self.transport.hosts()
    }

    /// Whether mutating calls are sent.
    pub fn access(&self) -> Access {
        self.transport.access()
    }

    /// HTTP requests sent so far by this client and its clones, repeated attempts counted.
    pub fn requests_sent(&self) -> u64 {
        self.transport.requests_sent()
    }

    /// Requests left in the account's hourly budget, as the Platform API last said.
    pub fn rate_limit_remaining(&self) -> Option<u64> {
        self.transport.rate_limit_remaining()
    }

    fn over(transport: Transport) -> Self {
        Heroku {
            platform: Platform::over(transport.clone()),
            data: Data::over(transport.clone()),
            connect: Connect::over(transport.clone()),
            transport,
        }
    }
}
