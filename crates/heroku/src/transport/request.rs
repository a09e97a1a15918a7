//! A request before it is sent: what it is and how often it may be.

use reqwest::Method;
use serde::Serialize;
use url::Url;

use crate::refusal::Call;

/// What repeating a request would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something; twice is as good as once.
    Idempotent,
    /// Changes something, and again each time.
    Once,
}

/// Which server a request is for, hence which headers it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Platform,
    Data,
    Connect,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(super) api: Api,
    pub(super) effect: Effect,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
}

impl Request {
    pub(crate) fn platform(effect: Effect, method: Method, url: Url) -> Self {
        Request::new(Api::Platform, effect, method, url)
            .header("accept", "application/vnd.heroku+json; version=3")
    }

    pub(crate) fn data(method: Method, url: Url) -> Self {
        Request::new(Api::Data, Effect::Read, method, url)
            .header("accept", "application/vnd.heroku+json; version=3")
    }

    pub(crate) fn connect(effect: Effect, method: Method, url: Url) -> Self {
        Request::new(Api::Connect, effect, method, url)
            .header("accept", "application/json")
            .header("heroku-client", "cli")
    }

    fn new(api: Api, effect: Effect, method: Method, url: Url) -> Self {
        Request {
            api,
            effect,
            method,
            url,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Sets a header, in place of one of that name.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Asks for the fuller variant of the schema, as the CLI does for this call.
    pub(crate) fn sdk(self) -> Self {
        self.header("accept", "application/vnd.heroku+json; version=3.sdk")
    }

    /// Sends `body` as JSON.
    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        let text = serde_json::to_string(body).expect("request bodies are plain data");
        self.raw_json(text)
    }

    /// Sends `body`, which is JSON already, byte for byte.
    pub(crate) fn raw_json(mut self, body: String) -> Self {
        self.body = Some(body);
        self.header("content-type", "application/json")
    }

    pub(crate) fn call(&self) -> Call {
        Call::new(&self.method, &self.url)
    }
}
