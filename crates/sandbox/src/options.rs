//! How a sandbox behaves, decided when it starts.

use std::time::Duration;

use secrecy::SecretString;

/// What can be chosen when a sandbox starts.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// How many seconds of sandbox time pass in a second. Default 1.
    pub speed: f64,
    /// The HTTP port on 127.0.0.1; 0 (the default) takes a free one.
    pub port: u16,
    /// Makes names, ids and the app's writes repeat from run to run.
    pub seed: u64,
    /// The bearer token that the sandbox accepts.
    pub token: SecretString,
    /// Whose token it is.
    pub email: String,
    /// How long Heroku takes for things.
    pub delays: Delays,
    /// The Platform API's request budget.
    pub rate_limit: RateLimit,
    /// Further settings of both PostgreSQL servers, as `name=value`.
    pub server_settings: Vec<String>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            speed: 1.0,
            port: 0,
            seed: 1,
            token: SecretString::from("00000000-aaaa-4bbb-8ccc-sandboxtoken"),
            email: "operator@example.com".to_owned(),
            delays: Delays::default(),
            rate_limit: RateLimit::default(),
            server_settings: Vec::new(),
        }
    }
}

/// How long Heroku takes, in sandbox time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// From the creation of an add-on until it is `provisioned`.
    pub provisioning: Duration,
    /// From the creation of a database until the Data API knows it.
    pub data_api_lag: Duration,
    /// From `provisioned` until the Data API's `waiting?` is false.
    pub database_waiting: Duration,
    /// Between the detachment and the attachment when an attachment name moves to another add-on.
    pub replacing: Duration,
    /// From the signal to stop until a dyno is gone; it goes on working meanwhile.
    pub dyno_stop: Duration,
    /// From the creation of a dyno until it is `up`.
    pub dyno_start: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            provisioning: Duration::from_secs(20),
            data_api_lag: Duration::from_secs(8),
            database_waiting: Duration::from_secs(15),
            replacing: Duration::from_secs(1),
            dyno_stop: Duration::from_secs(5),
            dyno_start: Duration::from_secs(6),
        }
    }
}

impl Delays {
    /// Everything at once: for tests that are about something else.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            provisioning: Duration::ZERO,
            data_api_lag: Duration::ZERO,
            database_waiting: Duration::ZERO,
            replacing: Duration::ZERO,
            dyno_stop: Duration::ZERO,
            dyno_start: Duration::ZERO,
        }
    }
}

/// The token bucket of the Platform API (devcenter, "Platform API reference", Rate limits).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// How many requests fit in the bucket.
    pub capacity: u32,
    /// How many are added in a minute of sandbox time.
    pub refill_per_minute: f64,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            capacity: 4_500,
            refill_per_minute: 75.0,
        }
    }
}
