//! The handle of the Platform API.

use reqwest::Method;
use url::Url;

use crate::transport::{Effect, Request, Transport};

/// The Platform API, as [`Heroku::platform`](crate::Heroku::platform) gives it.
#[derive(Debug, Clone)]
pub struct Platform {
    pub(super) transport: Transport,
}

impl Platform {
    pub(crate) fn over(transport: Transport) -> Self {
        Platform { transport }
    }

    pub(super) fn get(&self, path: &[&str]) -> Request {
        Request::platform(Effect::Read, Method::GET, self.url(path))
    }

    /// A request that sets absolute values or deletes: repeating it changes nothing more.
    pub(super) fn settle(&self, method: Method, path: &[&str]) -> Request {
        Request::platform(Effect::Idempotent, method, self.url(path))
    }

    /// A request that makes something new each time.
    pub(super) fn create(&self, path: &[&str]) -> Request {
        Request::platform(Effect::Once, Method::POST, self.url(path))
    }

    /// A POST that only asks.
    pub(super) fn ask(&self, path: &[&str]) -> Request {
        Request::platform(Effect::Read, Method::POST, self.url(path))
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.transport.hosts().platform.clone();
        url.path_segments_mut()
            .expect("http addresses have a path")
            .pop_if_empty()
            .extend(path);
        url
    }
}
