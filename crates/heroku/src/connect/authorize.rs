//! The authorisation to Salesforce, which a person gives in a browser.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Connect, Connection};
use crate::error::Error;
use crate::transport::Effect;

/// How a connection shall be authorised (heroku-connect-plugin `src/commands/connect/sf/auth.ts`;
/// `api_version` is in the API's documents and in no flag of the plugin).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuthorizeRequest {
    /// `production`, `sandbox` or `custom`.
    pub environment: String,
    /// The login domain of a custom environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The Salesforce API version to pin the connection to (`64.0`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Where the browser goes in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct Redirect {
    redirect: Url,
}

impl Connect {
    /// The address at which a person gives the authorisation
    /// (`POST /connections/{id}/authorize_url`). Whether it was given shows in the state only.
    ///
    /// # Errors
    /// Whatever Connect refuses; repeated by itself when the answer is lost.
    pub async fn authorize_url(
        &self,
        connection: &Connection,
        request: &AuthorizeRequest,
    ) -> Result<Url, Error> {
        let url = self.below(connection, &["authorize_url"]);
        let answer = self
            .transport
            .send(&self.post(Effect::Idempotent, url).json(request))
            .await?;
        let redirect = answer
            .json::<Redirect>("an authorisation address")?
            .redirect;
        // It is going to be opened: nothing but a web page may come of it.
        if !matches!(redirect.scheme(), "http" | "https") {
            let place = format!("an address that begins with {}:", redirect.scheme());
            return Err(answer.malformed("an authorisation address", place));
        }
        Ok(redirect)
    }
}
