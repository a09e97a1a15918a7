//! Sends requests: who may be shown the token, how often, and what an answer means.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::header::{AUTHORIZATION, HeaderValue, LOCATION};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer::Answer;
use super::budget::Budget;
use super::request::{Api, Effect, Request};
use super::retry::{Attempts, Patience};
use super::tls;
use crate::client::{Access, Settings};
use crate::error::Error;
use crate::hosts::Hosts;
use crate::refusal::Call;
use crate::watch::{RetryWatcher, Watch};

/// Bound of a single request, as the Heroku CLI has it (npm `@heroku/http-call`).
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Idle connections are dropped before servers do so: a request on a connection that is being
/// closed has an unknown outcome.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Redirects followed for one request.
const REDIRECTS: usize = 5;

/// The longest answer that is read, in bytes after unpacking: a hundred times what a connection with
/// all its mappings takes, and no more than this machine can spare.
const LONGEST_ANSWER: usize = 32 << 20;

/// Connections, token and counters, shared by all clones.
#[derive(Debug)]
struct Shared {
    http: reqwest::Client,
    hosts: Hosts,
    token: SecretString,
    authorization: HeaderValue,
    clock_speed: f64,
    budget: Budget,
    sent: AtomicU64,
}

/// Sends requests with the account's token.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    shared: Arc<Shared>,
    access: Access,
    timeout: Duration,
    patience: Patience,
    watch: Watch,
}

impl Transport {
    pub(crate) fn new(settings: Settings) -> Result<Self, Error> {
        let trust = tls::config(!settings.hosts.is_loopback())?;
        Transport::over(http(&settings, trust), settings)
    }

    /// Over a client that is made already.
    pub(super) fn over(http: ClientBuilder, settings: Settings) -> Result<Self, Error> {
        let local = settings.hosts.is_loopback();
        let http = http.build().map_err(|error| Error::Setup {
            reason: "the HTTP client refuses its settings".to_owned(),
            source: Some(Box::new(error)),
        })?;
        let shared = Shared {
            http,
            authorization: bearer(&settings.token)?,
            token: settings.token,
            clock_speed: clock_speed(settings.clock_speed, local),
            hosts: settings.hosts,
            budget: Budget::new(),
            sent: AtomicU64::new(0),
        };
        Ok(Transport {
            shared: Arc::new(shared),
            access: settings.access,
            timeout: REQUEST_TIMEOUT,
            patience: Patience::Short,
            watch: Watch::default(),
        })
    }

    pub(crate) fn read_only(&self) -> Self {
        Transport {
            access: Access::ReadOnly,
            ..self.clone()
        }
    }

    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Transport {
            timeout,
            ..self.clone()
        }
    }

    pub(crate) fn patient(&self) -> Self {
        Transport {
            patience: Patience::Long,
            ..self.clone()
        }
    }

    pub(crate) fn watched_by(&self, watcher: Arc<dyn RetryWatcher>) -> Self {
        Transport {
            watch: Watch::by(watcher),
            ..self.clone()
        }
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.shared.hosts
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn requests_sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn rate_limit_remaining(&self) -> Option<u64> {
        self.shared.budget.remaining()
    }

    /// Waits, in the servers' time.
    async fn sleep(&self, pause: Duration) {
        if !pause.is_zero() {
            tokio::time::sleep(pause.div_f64(self.shared.clock_speed)).await;
        }
    }

    /// Waits between two attempts. False where nobody wants the second one any more.
    pub(super) async fn wait(&self, pause: Duration) -> bool {
        tokio::select! {
            () = self.sleep(pause) => true,
            () = self.watch.given_up() => false,
        }
    }

    /// The answer to `request`, after as many attempts as its effect permits.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, Error> {
        self.permit(request)?;
        let mut attempts = Attempts::new(self.patience);
        loop {
            let error = match self.attempt(request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(retry) = attempts.next(request.call(), &error, request.effect) else {
                return Err(error);
            };
            self.watch.tell(&retry);
            if !self.wait(retry.wait).await {
                return Err(error.given_up());
            }
        }
    }

    /// Refuses locally what this client may not send, or not there.
    fn permit(&self, request: &Request) -> Result<(), Error> {
        if request.effect != Effect::Read && self.access == Access::ReadOnly {
            return Err(Error::DryRun {
                call: request.call(),
            });
        }
        self.permit_host(&request.url, request.call())
    }

    /// Refuses an address that may not be shown the token.
    pub(crate) fn permit_host(&self, url: &Url, call: Call) -> Result<(), Error> {
        if self.shared.hosts.may_receive_token(url) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or("no host");
        let host = if url.username().is_empty() && url.password().is_none() {
            host.to_owned()
        } else {
            format!("{host} with another login")
        };
        Err(Error::ForeignHost { call, host })
    }

    /// One attempt; a read follows redirects that stay where the token may go.
    async fn attempt(&self, request: &Request) -> Result<Answer, Error> {
        let mut url = request.url.clone();
        for _ in 0..REDIRECTS {
            let answer = self.exchange(request, &url).await?;
            match (answer.status, request.effect, answer.headers.get(LOCATION)) {
                (200..=299, _, _) => return Ok(answer),
                (300..=399, Effect::Read, Some(location)) => {
                    let next = location.to_str().ok().and_then(|text| url.join(text).ok());
                    let Some(next) = next else {
                        return Err(self.refused(answer));
                    };
                    self.permit_host(&next, answer.call)?;
                    url = next;
                }
                _ => return Err(self.refused(answer)),
            }
        }
        let call = Call::new(&request.method, &url);
        let place = format!("more than {REDIRECTS} redirects");
        Err(Error::Malformed {
            call,
            what: "an answer",
            place,
            request_id: None,
        })
    }

    /// Sends once and reads the whole answer, whatever its status.
    async fn exchange(&self, request: &Request, url: &Url) -> Result<Answer, Error> {
        if request.api == Api::Platform {
            self.sleep(self.shared.budget.pace()).await;
        }
        let call = Call::new(&request.method, url);
        let mut builder = self
            .shared
            .http
            .request(request.method.clone(), url.clone())
            .timeout(self.timeout)
            .header(AUTHORIZATION, self.shared.authorization.clone())
            .header("request-id", uuid::Uuid::new_v4().to_string());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        self.shared.sent.fetch_add(1, Ordering::Relaxed);
        let response = builder
            .send()
            .await
            .map_err(|error| lost(call.clone(), error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = whole(response, &call).await?;
        let answer = Answer {
            call,
            status,
            headers,
            body,
        };
        if request.api == Api::Platform {
            self.shared
                .budget
                .note(answer.header("ratelimit-remaining"));
        }
        Ok(answer)
    }

    fn refused(&self, answer: Answer) -> Error {
        answer.into_error(&self.shared.token)
    }
}

/// A client as every request is sent with.
pub(super) fn http(settings: &Settings, trust: ClientConfig) -> ClientBuilder {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(trust)
        .user_agent(settings.user_agent.clone())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT);
    match settings.hosts.is_loopback() {
        // A proxy would take what is meant for this machine, token and all, to another.
        true => builder.no_proxy(),
        false => builder,
    }
}

/// The whole body, as long as it is of a length that an answer can have.
async fn whole(mut response: reqwest::Response, call: &Call) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    loop {
        let piece = response.chunk().await;
        let Some(piece) = piece.map_err(|error| lost(call.clone(), error))? else {
            return Ok(body);
        };
        if body.len() + piece.len() > LONGEST_ANSWER {
            return Err(Error::Malformed {
                call: call.clone(),
                what: "an answer",
                place: format!("it is longer than {} MB", LONGEST_ANSWER >> 20),
                request_id: None,
            });
        }
        body.extend_from_slice(&piece);
    }
}

/// Only servers on this machine have a clock of their own, and it never runs slower.
fn clock_speed(wished: f64, local: bool) -> f64 {
    if local && wished.is_finite() {
        wished.max(1.0)
    } else {
        1.0
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, Error> {
    let text = SecretString::from(format!("Bearer {}", token.expose_secret()));
    let mut value = HeaderValue::from_str(text.expose_secret()).map_err(|_| Error::Setup {
        reason: "the token holds characters that no token has".to_owned(),
        source: None,
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// No whole answer came. Only what failed while connecting was surely not sent.
fn lost(call: Call, error: reqwest::Error) -> Error {
    let maybe_sent = !(error.is_connect() || error.is_builder());
    let timeout = error.is_timeout();
    // The URL's query is nobody's business, and the call says the rest.
    let source = error.without_url();
    if let Some(why) = distrust(&source) {
        Error::Untrusted { call, why }
    } else if timeout {
        Error::Timeout {
            call,
            maybe_sent,
            source,
        }
    } else {
        Error::Network {
            call,
            maybe_sent,
            source,
        }
    }
}

/// What is wrong with the server's certificate, where that is why nothing was sent.
fn distrust(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(why @ rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return Some(why.to_string());
    }
    // An I/O error does not name what it wraps as its source.
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    wrapped
        .and_then(|wrapped| distrust(wrapped))
        .or_else(|| distrust(error.source()?))
}
