//! Pause, resume, restart.

use super::{Connect, Connection};
use crate::error::Error;
use crate::transport::Effect;

impl Connect {
    /// Asks a connection to pause (`POST …/actions/pause`). It finishes what it is at first, so
    /// read it until it [is quiet](Connection::is_quiet).
    ///
    /// Where the answer is lost this is an error, and the state tells.
    ///
    /// # Errors
    /// [`Error::NotIdle`] where Connect refuses with 400, 409 or 422: a connection can be paused
    /// only when idle, and no document says which of the three it answers else. Ask again later.
    pub async fn pause(&self, connection: &Connection) -> Result<(), Error> {
        self.act(connection, "pause")
            .await
            .map_err(|error| match error {
                Error::Conflict(refusal) | Error::InvalidParams(refusal) => Error::NotIdle(refusal),
                other => other,
            })
    }

    /// Asks a paused connection to go on (`POST …/actions/resume`). Changes made meanwhile on
    /// either side catch up by themselves.
    ///
    /// # Errors
    /// Whatever Connect refuses. Where the answer is lost, the state tells.
    pub async fn resume(&self, connection: &Connection) -> Result<(), Error> {
        self.act(connection, "resume").await
    }

    /// Asks a connection in an error to recover (`POST …/actions/restart`), as
    /// `heroku connect:recover` does.
    ///
    /// # Errors
    /// Whatever Connect refuses. Where the answer is lost, the state tells.
    pub async fn restart(&self, connection: &Connection) -> Result<(), Error> {
        self.act(connection, "restart").await
    }

    async fn act(&self, connection: &Connection, action: &str) -> Result<(), Error> {
        let url = self.below(connection, &["actions", action]);
        self.transport
            .send(&self.post(Effect::Once, url))
            .await
            .map(|_| ())
    }
}
