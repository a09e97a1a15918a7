//! The handle of the Data API.

use reqwest::Method;

use crate::names::AddonId;
use crate::transport::{Request, Transport};

/// The Data API, as [`Heroku::data`](crate::Heroku::data) gives it.
#[derive(Debug, Clone)]
pub struct Data {
    pub(super) transport: Transport,
}

impl Data {
    pub(crate) fn over(transport: Transport) -> Self {
        Data { transport }
    }

    /// `GET /client/v11/databases/{add-on id}` and what is below it.
    pub(super) fn database_request(&self, addon: &AddonId, below: &[&str]) -> Request {
        let mut url = self.transport.hosts().data.clone();
        url.path_segments_mut()
            .expect("http addresses have a path")
            .pop_if_empty()
            .extend(["client", "v11", "databases", addon.as_str()])
            .extend(below);
        Request::data(Method::GET, url)
    }
}
