//! The loop: what a connection does next, and when.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_postgres::error::SqlState;

use super::database_poll::Batch;
use super::session::Session;
use crate::connect::connection::Connection;
use crate::connect::ddl::quote;
use crate::connect::error::ConnectError;
use crate::connect::mapping::Work;
use crate::connect::options::Behaviour;
use crate::connect::runs::Physical;
use crate::connect::service::Connect;
use crate::connect::state::ConnectionState;
use crate::salesforce::Organisation;

/// The task of one connection. Everything it does to the database and to Salesforce is serial,
/// as Connect's own process for an add-on is.
pub(crate) struct Engine {
    pub(super) connect: Connect,
    pub(super) connection: Arc<Connection>,
    pub(super) session: Option<Arc<Session>>,
    /// The database of the last session, to notice a move.
    pub(super) last_physical: Option<(Physical, String)>,
    changes: Option<watch::Receiver<u64>>,
    pub(super) failed_connects: u32,
    pub(super) batch: Batch,
    pub(super) next_database_poll: Timestamp,
    pub(super) last_database_poll: Option<Timestamp>,
    pub(super) pending_counted: Option<Timestamp>,
}

/// Longer than anything that could be waited for without being woken.
const FAR: Duration = Duration::from_secs(86_400);

impl Engine {
    pub(crate) fn new(connect: Connect, connection: Arc<Connection>) -> Self {
        let now = connect.inner.clock.now();
        Self {
            connect,
            connection,
            session: None,
            last_physical: None,
            changes: None,
            failed_connects: 0,
            batch: Batch::default(),
            next_database_poll: now,
            last_database_poll: None,
            pending_counted: None,
        }
    }

    /// Works until the connection is told to stop.
    pub(crate) async fn run(mut self) {
        let stop = self.connection.stop.clone();
        loop {
            let turn = tokio::select! {
                () = stop.cancelled() => break,
                turn = self.turn() => turn,
            };
            let pause = match turn {
                Ok(due) => self.until(due),
                Err(error) => self.trouble(&error),
            };
            let clock = self.connect.inner.clock.clone();
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.connection.wake.notified() => {}
                () = changed(&mut self.changes) => {}
                () = clock.sleep(pause) => {}
            }
        }
        self.rest();
    }

    /// Does what is due and answers with the moment of the next thing.
    async fn turn(&mut self) -> Result<Timestamp, ConnectError> {
        let state = self.settle();
        let behaviour = self.connect.behaviour(&self.connection.addon.app_name);
        let organisation = self
            .connection
            .data()
            .login
            .as_ref()
            .map(|login| login.organisation.clone());
        let Some(organisation) =
            organisation.filter(|_| state.is_running() || state == ConnectionState::Paused)
        else {
            self.rest();
            return Ok(self.next_settling());
        };
        if state == ConnectionState::Paused {
            return self.finish_late_polls(&organisation).await;
        }
        if self.changes.is_none() {
            self.changes = Some(organisation.subscribe());
        }
        let session = self.session(&organisation).await?;
        for id in self.ended_polls() {
            self.finish_poll(&session, &organisation, id).await?;
        }
        if self.connection.data().pausing.is_some() || state == ConnectionState::Recovery {
            return Ok(self.next_settling().min(self.next_poll_end()));
        }
        self.import_next(behaviour.import_takes).await;
        self.drop_tables(&session).await?;
        self.do_mapping_work(&session, &organisation).await?;
        if !self.connection.data().state.is_running() {
            return Ok(self.next_settling());
        }
        self.poll_database_if_due(&session, &organisation, &behaviour)
            .await?;
        self.start_polls(&organisation, &behaviour);
        Ok(self.next_due(&session, &behaviour))
    }

    /// State changes that only time brings.
    fn settle(&self) -> ConnectionState {
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        if data.unpause_at.take_if(|at| *at <= now).is_some()
            && data.state == ConnectionState::Paused
        {
            data.state = ConnectionState::Idle;
        }
        if data.recovered_at.take_if(|at| *at <= now).is_some()
            && data.state == ConnectionState::Recovery
        {
            data.state = ConnectionState::Idle;
        }
        if data.state == ConnectionState::Idle && data.pausing.take_if(|at| *at <= now).is_some() {
            data.state = ConnectionState::Paused;
        }
        data.state
    }

    /// A poll of Salesforce that was under way when the pause took hold still brings its rows:
    /// Heroku's own tests show a PAUSED connection with a mapping in POLLING_SF_CHANGES.
    async fn finish_late_polls(
        &mut self,
        organisation: &Organisation,
    ) -> Result<Timestamp, ConnectError> {
        if self.polls_under_way() {
            let session = self.session(organisation).await?;
            for id in self.ended_polls() {
                self.finish_poll(&session, organisation, id).await?;
            }
        }
        if !self.polls_under_way() {
            self.rest();
        }
        Ok(self.next_settling().min(self.next_poll_end()))
    }

    /// Drops the tables of deleted mappings. One that other objects depend on stays.
    async fn drop_tables(&self, session: &Session) -> Result<(), ConnectError> {
        let tables = std::mem::take(&mut self.connection.data().dropped_tables);
        for table in tables {
            let name = format!("{}.{}", quote(&session.schema), quote(&table));
            match session
                .client
                .batch_execute(&format!("DROP TABLE IF EXISTS {name}"))
                .await
            {
                Err(error) if error.code() == Some(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) => {
                    let now = self.connect.inner.clock.now();
                    let message = format!("{table}: other objects depend on it");
                    self.connection.data().notify("mapping-error", message, now);
                }
                other => other?,
            }
        }
        Ok(())
    }

    async fn do_mapping_work(
        &self,
        session: &Session,
        organisation: &Organisation,
    ) -> Result<(), ConnectError> {
        let work: Vec<_> = self
            .connection
            .data()
            .mappings
            .iter()
            .map(|mapping| (mapping.id, mapping.work.clone()))
            .collect();
        for (id, work) in work {
            match work {
                Work::Steady => {}
                Work::Apply { .. } => self.apply_mapping(session, organisation, id).await?,
                Work::Load(_) => self.load_page(session, organisation, id).await?,
            }
        }
        Ok(())
    }

    async fn poll_database_if_due(
        &mut self,
        session: &Session,
        organisation: &Organisation,
        behaviour: &Behaviour,
    ) -> Result<(), ConnectError> {
        let now = self.connect.inner.clock.now();
        let loaded = self
            .connection
            .data()
            .mappings
            .iter()
            .any(|mapping| mapping.state.is_loaded());
        if loaded && self.database_poll_due(session, behaviour.notify_interval) <= now {
            return self.poll_database(session, organisation, behaviour).await;
        }
        let stale = self
            .pending_counted
            .is_none_or(|at| at + Duration::from_secs(2) <= now);
        if session.has_notification() && stale {
            self.count_pending(session).await
        } else {
            Ok(())
        }
    }

    /// Nothing to do: no session, and no run.
    pub(super) fn rest(&mut self) {
        self.session = None;
        self.changes = None;
        self.connect
            .inner
            .runs
            .stopped(self.connection.id, self.connect.inner.clock.now());
    }

    fn next_settling(&self) -> Timestamp {
        let data = self.connection.data();
        let times = [data.pausing, data.unpause_at, data.recovered_at];
        times.into_iter().flatten().min().unwrap_or(Timestamp::MAX)
    }

    fn next_poll_end(&self) -> Timestamp {
        let data = self.connection.data();
        data.mappings
            .iter()
            .filter_map(|mapping| mapping.poll_ends)
            .min()
            .unwrap_or(Timestamp::MAX)
    }

    fn next_due(&self, session: &Session, behaviour: &Behaviour) -> Timestamp {
        let now = self.connect.inner.clock.now();
        let data = self.connection.data();
        let more = if data.imports.is_empty() {
            Timestamp::MAX
        } else {
            now
        };
        let loaded = data
            .mappings
            .iter()
            .any(|mapping| mapping.state.is_loaded());
        let due = data.mappings.iter().map(|mapping| match &mapping.work {
            Work::Apply { .. } => now,
            Work::Load(load) => load.next_page,
            Work::Steady if mapping.state.is_loaded() => {
                mapping.poll_ends.unwrap_or(mapping.next_poll)
            }
            Work::Steady => Timestamp::MAX,
        });
        let due = due.min().unwrap_or(Timestamp::MAX).min(more);
        drop(data);
        let database = if loaded {
            self.database_poll_due(session, behaviour.notify_interval)
        } else {
            Timestamp::MAX
        };
        due.min(database).min(self.next_settling())
    }

    fn until(&self, due: Timestamp) -> Duration {
        let wait = due.duration_since(self.connect.inner.clock.now());
        Duration::try_from(wait.max(SignedDuration::ZERO))
            .unwrap_or(FAR)
            .min(FAR)
    }
}

/// Ends when the organisation has changed; never where there is none to watch.
async fn changed(changes: &mut Option<watch::Receiver<u64>>) {
    if let Some(receiver) = changes
        && receiver.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
