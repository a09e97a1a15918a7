//! Reaching the database that `db_key` means now, and what is shown where it cannot be reached.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio_postgres::error::SqlState;

use super::session::Session;
use super::task::Engine;
use crate::connect::ddl::quote;
use crate::connect::error::ConnectError;
use crate::connect::mapping::Work;
use crate::connect::state::{ConnectionState, MappingState};
use crate::salesforce::Organisation;

/// Between two attempts to reach a database.
const RECONNECT: Duration = Duration::from_secs(5);

impl Engine {
    /// The session with the database that `db_key` means at this moment.
    pub(super) async fn session(
        &mut self,
        organisation: &Organisation,
    ) -> Result<Arc<Session>, ConnectError> {
        let (db_key, schema) = {
            let data = self.connection.data();
            (
                data.db_key.clone().unwrap_or_default(),
                data.schema_name.clone().unwrap_or_default(),
            )
        };
        let app = &self.connection.addon.app_name;
        let url = self
            .connect
            .inner
            .directory
            .config_var(app, &db_key)
            .map(SecretString::from);
        let url = url.ok_or_else(|| ConnectError::NoDatabase(db_key.clone()))?;
        let now = self.connect.inner.clock.now();
        let session = match self
            .session
            .clone()
            .filter(|session| session.fits(&url, &schema))
        {
            Some(session) => session,
            None => {
                self.session = None;
                let wake = Arc::clone(&self.connection.wake);
                let session = Arc::new(
                    Session::open(&url, &db_key, &schema, &organisation.info().id, wake).await?,
                );
                self.connect.inner.runs.working(
                    &session.physical,
                    self.connection.id,
                    &self.connection.addon.resource_name,
                    now,
                );
                self.arrived(&session).await?;
                self.session = Some(Arc::clone(&session));
                self.failed_connects = 0;
                session
            }
        };
        self.connect.inner.runs.working(
            &session.physical,
            self.connection.id,
            &self.connection.addon.resource_name,
            now,
        );
        Ok(session)
    }

    /// In another database or schema than before: tables that are not there are made and loaded,
    /// those that are there are used as they are, whoever made them. (Whether Connect reloads
    /// after such a move is not documented.)
    async fn arrived(&mut self, session: &Session) -> Result<(), ConnectError> {
        let here = (session.physical.clone(), session.schema.clone());
        if self
            .last_physical
            .replace(here.clone())
            .is_some_and(|before| before != here)
        {
            let tables: Vec<_> = self
                .connection
                .data()
                .mappings
                .iter()
                .map(|mapping| (mapping.id, mapping.table()))
                .collect();
            for (id, table) in tables {
                let name = format!("{}.{}", quote(&session.schema), quote(&table));
                let missing: bool = session
                    .client
                    .query_one("SELECT to_regclass($1) IS NULL", &[&name])
                    .await?
                    .get(0);
                if let Some(mapping) = self.connection.data().mapping_mut(id).filter(|_| missing) {
                    mapping.state = MappingState::Initial;
                    mapping.poll_ends = None;
                    mapping.work = Work::Apply { reload: true };
                }
            }
        }
        Ok(())
    }

    /// Turns a failure into what Connect shows of it.
    pub(super) fn trouble(&mut self, error: &ConnectError) -> Duration {
        let now = self.connect.inner.clock.now();
        // The server's last word may be read before the session is known to be closed.
        let lost = error.is_shutdown()
            || self
                .session
                .as_ref()
                .is_none_or(|session| session.client.is_closed());
        self.session = None;
        self.failed_connects += 1;
        let state = match error {
            ConnectError::NoDatabase(_) => ConnectionState::DbUnavailable,
            _ if error.sql_state() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
                ConnectionState::SystemError
            }
            _ if lost && self.failed_connects < 3 => return RECONNECT,
            ConnectError::Unreachable { .. } => ConnectionState::DbUnavailable,
            _ if lost => ConnectionState::DbUnavailable,
            _ => ConnectionState::SystemError,
        };
        self.failed_connects = 0;
        let mut data = self.connection.data();
        // A paused connection stays paused: its late poll is lost, as after a crash.
        if data.state == ConnectionState::Paused {
            data.mappings
                .iter_mut()
                .for_each(super::super::mapping::Mapping::lose_poll);
        } else {
            data.fail(state, error.full(), now);
        }
        drop(data);
        self.rest();
        Duration::ZERO
    }
}
