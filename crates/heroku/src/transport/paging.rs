//! Lists that come in pieces.

use serde::de::DeserializeOwned;

use super::request::Request;
use super::send::Transport;
use crate::error::Error;

/// More pages than any list here can have; an end for a server that always names a next one.
const PAGES: usize = 500;

impl Transport {
    /// The whole of a Platform list: while an answer names a `Next-Range`, the request is repeated
    /// with it as `Range` (Platform API reference, "Ranges"; 200 and 206 mean the same here).
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        request: Request,
        what: &'static str,
    ) -> Result<Vec<T>, Error> {
        let mut request = request;
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let answer = self.send(&request).await?;
            all.extend(answer.json::<Vec<T>>(what)?);
            match answer.header("next-range") {
                Some(range) => request = request.header("range", range),
                None => return Ok(all),
            }
        }
        let place = format!("it does not end after {PAGES} pages");
        Err(Error::Malformed {
            call: request.call(),
            what,
            place,
            request_id: None,
        })
    }
}
