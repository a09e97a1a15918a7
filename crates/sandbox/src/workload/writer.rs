//! A dyno at work: it connects to the database it was started with and writes until it is killed.

use std::time::Duration;

use tokio_postgres::{Client, NoTls};
use tokio_util::sync::CancellationToken;

use super::operation::{Operation, OwnRows};
use super::outcome::Outcome;
use super::schema::Workload;
use crate::audit::{Ledger, Place};
use crate::clock::Clock;

/// Between attempts to reach a database that refuses, in real time.
const RECONNECT: Duration = Duration::from_millis(250);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Everything one dyno needs to run.
pub(crate) struct DynoRun {
    pub(crate) app: String,
    pub(crate) dyno: String,
    pub(crate) seed: u64,
    /// The DATABASE_URL that it started with, password included.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) ledger: Ledger,
    pub(crate) killed: CancellationToken,
}

impl Workload {
    /// Writes until the dyno is killed.
    pub(crate) async fn run(&self, run: DynoRun) {
        let mut rng = fastrand::Rng::with_seed(run.seed);
        let mut own = OwnRows::default();
        while !run.killed.is_cancelled() {
            let connected = tokio::select! {
                () = run.killed.cancelled() => return,
                connected = run.connect() => connected,
            };
            match connected {
                Ok(client) => self.write(&run, client, &mut rng, &mut own).await,
                Err(message) => run.ledger.refused(&run.app, &message),
            }
            tokio::select! {
                () = run.killed.cancelled() => return,
                () = tokio::time::sleep(RECONNECT) => {}
            }
        }
    }

    /// Writes through one session until it breaks or the dyno is killed.
    async fn write(
        &self,
        run: &DynoRun,
        mut client: Client,
        rng: &mut fastrand::Rng,
        own: &mut OwnRows,
    ) {
        let place = run.place();
        while !client.is_closed() {
            let Some(operation) = Operation::next(rng, self, own) else {
                return run.killed.cancelled().await;
            };
            let outcome = tokio::select! {
                result = operation.execute(&mut client) => Outcome::from(result),
                // Killed in the middle: whether it was committed nobody heard.
                () = run.killed.cancelled() => Outcome::Unknown,
            };
            let now = run.clock.now();
            match outcome {
                Outcome::Acknowledged => {
                    run.ledger.acknowledged(&place, now, operation.writes());
                    operation.note(own);
                }
                Outcome::Unknown => {
                    run.ledger.unknown(&place, now, operation.writes());
                    operation.leave_alone(own);
                }
                Outcome::Refused(message) => run.ledger.refused(&run.app, &message),
            }
            tokio::select! {
                () = run.killed.cancelled() => return,
                () = tokio::time::sleep(self.pause) => {}
            }
        }
    }
}

impl DynoRun {
    async fn connect(&self) -> Result<Client, String> {
        let mut config = self
            .url
            .parse::<tokio_postgres::Config>()
            .map_err(|e| e.to_string())?;
        config
            .application_name(format!("app {}", self.dyno))
            .connect_timeout(CONNECT_LIMIT);
        let (client, connection) = config.connect(NoTls).await.map_err(|e| e.to_string())?;
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(client)
    }

    /// Where its writes go, without the password.
    fn place(&self) -> Place {
        let location = url::Url::parse(&self.url).ok().and_then(|url| {
            let port = url.port().unwrap_or(5432);
            Some(format!("{}:{port}{}", url.host_str()?, url.path()))
        });
        Place {
            app: self.app.clone(),
            dyno: self.dyno.clone(),
            database: location.unwrap_or_default(),
        }
    }
}
