//! The handle of Connect's discovery server and of its regions.

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::Connection;
use crate::error::Error;
use crate::transport::{Effect, Request, Transport};

/// More pages than there can be connections or errors worth reading.
const PAGES: usize = 200;

/// Heroku Connect, as [`Heroku::connect`](crate::Heroku::connect) gives it.
///
/// Which region a connection lives in is said by the discovery server's answers; each address in
/// them is checked before the token goes there.
#[derive(Debug, Clone)]
pub struct Connect {
    pub(super) transport: Transport,
}

/// A list as Connect gives it.
#[derive(Deserialize)]
struct Page<T> {
    results: Vec<T>,
    #[serde(default)]
    next: Value,
}

impl Connect {
    pub(crate) fn over(transport: Transport) -> Self {
        Connect { transport }
    }

    /// An address on the discovery server.
    pub(super) fn discovery(&self, path: &[&str]) -> Url {
        extended(self.transport.hosts().discovery.clone(), path)
    }

    /// An address below a connection (`<region>/api/v3/connections/{id}/…`).
    pub(super) fn below(&self, connection: &Connection, path: &[&str]) -> Url {
        let root = ["api", "v3", "connections", connection.id.as_str()];
        extended(extended(connection.region_url.clone(), &root), path)
    }

    /// An address below the root of a connection's region (`<region>/api/v3/…`).
    pub(super) fn region(&self, connection: &Connection, path: &[&str]) -> Url {
        extended(
            extended(connection.region_url.clone(), &["api", "v3"]),
            path,
        )
    }

    pub(super) fn get(&self, url: Url) -> Request {
        Request::connect(Effect::Read, Method::GET, url)
    }

    /// A POST with no body.
    pub(super) fn post(&self, effect: Effect, url: Url) -> Request {
        Request::connect(effect, Method::POST, url)
    }

    /// The whole of a list, over all pages: `next` is the address of the following one, or null.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        first: Url,
        what: &'static str,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        let mut url = first;
        for _ in 0..PAGES {
            let answer = self.transport.send(&self.get(url.clone())).await?;
            let page: Page<T> = answer.json(what)?;
            all.extend(page.results);
            url = match page.next {
                Value::Null => return Ok(all),
                Value::String(next) => url
                    .join(&next)
                    .map_err(|_| answer.malformed(what, "next is no address".to_owned()))?,
                _ => return Err(answer.malformed(what, "next is no text".to_owned())),
            };
        }
        let call = self.get(url).call();
        let place = format!("it does not end after {PAGES} pages");
        Err(Error::Malformed {
            call,
            what,
            place,
            request_id: None,
        })
    }
}

fn extended(mut url: Url, path: &[&str]) -> Url {
    url.path_segments_mut()
        .expect("only http addresses are permitted, and they have a path")
        .pop_if_empty()
        .extend(path);
    url
}
