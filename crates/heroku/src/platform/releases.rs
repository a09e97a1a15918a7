//! Releases: every change of code, config or attachments is one.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::Platform;
use crate::error::Error;
use crate::names::{AppName, ReleaseId};
use crate::wire::{self, wire_enum};

/// The longest list that Heroku gives in one answer.
const MOST: u32 = 1_000;

wire_enum! {
    /// How a release fared. With a release phase it is pending until that ends.
    ReleaseStatus {
        /// The release phase ended with an error: the app still runs the release before.
        Failed = "failed",
        /// The release phase is running.
        Pending = "pending",
        /// In force.
        Succeeded = "succeeded",
        /// The release phase never ended.
        Expired = "expired",
    }
}

/// A release.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// Its identifier.
    pub id: ReleaseId,
    /// Its number (`v42` is 42).
    pub version: u64,
    /// How it fared.
    pub status: ReleaseStatus,
    /// What it is (`Attach DATABASE (@ref:postgresql-flat-02648)`).
    #[serde(default, deserialize_with = "wire::or_default")]
    pub description: String,
    /// When it was made.
    #[serde(default, deserialize_with = "wire::moment")]
    pub created_at: Option<Timestamp>,
    /// When it last changed; its release phase ends no later.
    #[serde(default, deserialize_with = "wire::moment")]
    pub updated_at: Option<Timestamp>,
    /// Whether it is the one in force.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub current: bool,
    /// Where the release phase's output can be read by whoever knows the address; hence a secret.
    #[serde(default, skip_serializing)]
    pub output_stream_url: Option<SecretString>,
}

impl Platform {
    /// The newest releases of an app, newest first, `max` at most (`GET /apps/{app}/releases`
    /// with `Range: version ..; max=…, order=desc`, as the CLI asks for them).
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn releases(&self, app: &AppName, max: u32) -> Result<Vec<Release>, Error> {
        let max = max.clamp(1, MOST);
        let request = self
            .get(&["apps", app.as_str(), "releases"])
            .sdk()
            .header("range", format!("version ..; max={max}, order=desc"));
        // One answer only: its Next-Range leads to older ones, which nobody asked for.
        let mut releases: Vec<Release> = self.transport.send(&request).await?.json("releases")?;
        releases.sort_by_key(|release| std::cmp::Reverse(release.version));
        releases.truncate(max as usize);
        Ok(releases)
    }

    /// One release of an app (`GET /apps/{app}/releases/{release}`).
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none.
    pub async fn release(&self, app: &AppName, release: &ReleaseId) -> Result<Release, Error> {
        let request = self.get(&["apps", app.as_str(), "releases", release.as_str()]);
        self.transport.send(&request).await?.json("a release")
    }
}
