//! Servers that go away, come back, or stop answering.

use rustix::process::{Pid, Signal, kill_process};

use super::database::Server;
use super::error::ServerError;
use super::pair::{Generation, ServerPair};

/// How a server is stopped (PostgreSQL manual, "Shutting Down the Server").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Ends every session and writes everything out, as a maintenance does.
    Fast,
    /// Ends at once and recovers from its log at the next start, as after a failure.
    Crash,
}

impl Shutdown {
    pub(super) fn signal(self) -> Signal {
        match self {
            Self::Fast => Signal::INT,
            Self::Crash => Signal::QUIT,
        }
    }
}

/// Sessions whose server processes stand still: to a client it looks like a network that drops
/// every packet. Dropping it lets them go on.
#[derive(Debug)]
pub struct Frozen(Vec<Pid>);

impl Frozen {
    /// How many they are.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.0.len()
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in &self.0 {
            let _ = kill_process(*pid, Signal::CONT);
        }
    }
}

impl ServerPair {
    /// Stops a server. Until [`Self::start_again`] its port refuses connections.
    pub async fn stop(&self, generation: Generation, how: Shutdown) {
        self.cluster(generation).lock().await.stop(how);
    }

    /// Starts a stopped server again on its data and its port.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] where it does not come up.
    pub async fn start_again(&self, generation: Generation) -> Result<(), ServerError> {
        self.cluster(generation).lock().await.start_again().await
    }
}

impl Server {
    /// Stops the processes of all sessions whose application name begins so.
    ///
    /// # Errors
    /// [`ServerError::Sql`] where the server does not answer.
    pub async fn freeze(&self, application: &str) -> Result<Frozen, ServerError> {
        let admin = self.admin("postgres").await?;
        let sessions = "SELECT pid FROM pg_stat_activity WHERE starts_with(application_name, $1) \
            AND pid <> pg_backend_pid()";
        let rows = admin
            .query(sessions, &[&application])
            .await
            .map_err(|source| ServerError::Sql {
                what: "listing sessions",
                source,
            })?;
        let pids = rows.iter().filter_map(|row| Pid::from_raw(row.get(0)));
        Ok(Frozen(
            pids.filter(|pid| kill_process(*pid, Signal::STOP).is_ok())
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn what_was_committed_survives_both_ways_of_stopping() {
        let pair = ServerPair::start_with("adminsecret", &["synchronous_commit=on".into()])
            .await
            .unwrap();
        let server = pair.server(Generation::Old);
        for (how, row) in [(Shutdown::Fast, 1_i64), (Shutdown::Crash, 2)] {
            let admin = server.admin("postgres").await.unwrap();
            let write = "CREATE TABLE IF NOT EXISTS t (n int); INSERT INTO t VALUES (1)";
            admin.batch_execute(write).await.unwrap();
            pair.stop(Generation::Old, how).await;
            assert!(server.admin("postgres").await.is_err());
            pair.start_again(Generation::Old).await.unwrap();
            let admin = server.admin("postgres").await.unwrap();
            let count = admin
                .query_one("SELECT count(*) FROM t", &[])
                .await
                .unwrap();
            assert_eq!(count.get::<_, i64>(0), row);
        }
    }

    #[tokio::test]
    async fn a_frozen_session_answers_when_it_is_let_go() {
        let pair = ServerPair::start("adminsecret").await.unwrap();
        let server = pair.server(Generation::New);
        let database = server
            .create_database("d1", "u1", secrecy::SecretString::from("secret1"))
            .await
            .unwrap();
        let client = database.connect("tool one").await.unwrap();
        let other = database.connect("other").await.unwrap();
        let frozen = server.freeze("tool").await.unwrap();
        assert_eq!(frozen.sessions(), 1);
        other.batch_execute("SELECT 1").await.unwrap();
        let limit = Duration::from_millis(200);
        let asked = client.batch_execute("SELECT 1");
        tokio::pin!(asked);
        assert!(tokio::time::timeout(limit, &mut asked).await.is_err());
        drop(frozen);
        asked.await.unwrap();
    }
}
