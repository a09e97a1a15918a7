//! Whether a database is ready.

use serde::{Deserialize, Serialize};

use super::Data;
use crate::error::Error;
use crate::names::AddonId;
use crate::wire;

/// What the Data API says of a database being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitStatus {
    /// Whether it is not ready yet. The Advanced tier writes the key without its question mark.
    #[serde(rename = "waiting?", alias = "waiting")]
    pub waiting: bool,
    /// What it is doing.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub message: String,
    /// Whether making it has failed.
    #[serde(
        rename = "error?",
        alias = "error",
        default,
        deserialize_with = "wire::or_default"
    )]
    pub error: bool,
    /// The step it is at.
    #[serde(default, deserialize_with = "wire::text")]
    pub step: Option<String>,
}

/// What is known of a database that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// The Data API knows it.
    Known(WaitStatus),
    /// The Data API does not know it: right after the add-on was made that only means "not yet".
    NotFoundYet,
}

impl Readiness {
    /// Whether the database is there and not waiting for anything. It still has to be proven with
    /// a connection.
    pub fn is_ready(&self) -> bool {
        matches!(self, Readiness::Known(status) if !status.waiting && !status.error)
    }
}

impl Data {
    /// Whether a database is ready, as `heroku pg:wait` asks
    /// (`GET /client/v11/databases/{add-on id}/wait_status`). Every 404 is
    /// [`Readiness::NotFoundYet`], whatever its body; for how long is the caller's to bound.
    ///
    /// # Errors
    /// Whatever else Heroku refuses.
    pub async fn wait_status(&self, addon: &AddonId) -> Result<Readiness, Error> {
        match self
            .transport
            .send(&self.database_request(addon, &["wait_status"]))
            .await
        {
            Ok(answer) => answer.json("a wait status").map(Readiness::Known),
            Err(Error::NotFound(_)) => Ok(Readiness::NotFoundYet),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> WaitStatus {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn with_and_without_question_marks() {
        let status = read(r#"{"waiting?":true,"message":"preparing","error?":false,"step":"x"}"#);
        assert!(status.waiting && status.message == "preparing");
        let status = read(r#"{"waiting":false,"message":null}"#);
        assert!(!status.waiting && Readiness::Known(status).is_ready());
        let failed = read(r#"{"waiting?":false,"message":"no","error?":true}"#);
        assert!(!Readiness::Known(failed).is_ready());
    }
}
