//! What a test or a person may make happen, over what Connect does by itself.

use super::connection::{Connection, WriteError};
use super::error::ConnectError;
use super::mapping::Work;
use super::service::Connect;
use super::state::{ConnectionState, MappingState};
use crate::salesforce::{Source, Values};
use std::sync::Arc;
use uuid::Uuid;

/// How a mapping is to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingFailure {
    /// The state it stops in: `Aborted` is what a person's Abort leaves.
    pub state: MappingState,
    /// What the API says about it.
    pub message: String,
    /// In a load, how many rows come first; without a load it fails at once.
    pub after_rows: u64,
}

impl Connect {
    /// Makes a mapping fail, now or in the middle of its load.
    ///
    /// # Errors
    /// No such add-on or mapping.
    pub fn fail_mapping(
        &self,
        addon: &str,
        object: &str,
        failure: MappingFailure,
    ) -> Result<(), ConnectError> {
        let connection = self.find(addon)?;
        let mut data = connection.data();
        let mapping = data
            .mapping_of(object)
            .ok_or_else(|| ConnectError::UnknownMapping(object.to_owned()))?;
        if failure.after_rows > 0 || matches!(mapping.work, Work::Load(_)) {
            mapping.failure = Some(failure);
        } else {
            mapping.stop(failure.state, failure.message);
        }
        drop(data);
        connection.wake.notify_one();
        Ok(())
    }

    /// Un-pauses a connection, as somebody at the dashboard would.
    ///
    /// # Errors
    /// No such add-on.
    pub fn unpause(&self, addon: &str) -> Result<(), ConnectError> {
        let connection = self.find(addon)?;
        resume(&connection);
        Ok(())
    }

    /// Whether a pause was accepted that has not taken hold yet.
    ///
    /// # Errors
    /// No such add-on.
    pub fn is_pausing(&self, addon: &str) -> Result<bool, ConnectError> {
        Ok(self.find(addon)?.data().pausing.is_some())
    }

    /// The state a connection is in.
    ///
    /// # Errors
    /// No such add-on.
    pub fn state(&self, addon: &str) -> Result<ConnectionState, ConnectError> {
        Ok(self.find(addon)?.data().state)
    }

    /// Puts a connection into a state, such as `UNAUTHORIZED`.
    ///
    /// # Errors
    /// No such add-on.
    pub fn set_state(&self, addon: &str, state: ConnectionState) -> Result<(), ConnectError> {
        let connection = self.find(addon)?;
        connection.data().state = state;
        connection.wake.notify_one();
        Ok(())
    }

    /// Refuses the next pauses with 409.
    ///
    /// # Errors
    /// No such add-on.
    pub fn refuse_pauses(&self, addon: &str, times: u32) -> Result<(), ConnectError> {
        self.find(addon)?.data().pause_refusals = times;
        Ok(())
    }

    /// Changes a feature flag, as Heroku's support would.
    ///
    /// # Errors
    /// No such add-on.
    pub fn set_feature(&self, addon: &str, flag: &str, value: bool) -> Result<(), ConnectError> {
        self.find(addon)?
            .data()
            .features
            .insert(flag.to_owned(), value.into());
        Ok(())
    }

    /// Turns application logging on or off, as the dashboard does.
    ///
    /// # Errors
    /// No such add-on.
    pub fn set_application_logging(&self, addon: &str, enabled: bool) -> Result<(), ConnectError> {
        self.find(addon)?.data().logplex_log_enabled = enabled;
        Ok(())
    }

    /// Serves tables as External Objects, as somebody at the dashboard would set it up, or no longer.
    ///
    /// # Errors
    /// No such add-on.
    pub fn set_external_objects(&self, addon: &str, served: bool) -> Result<(), ConnectError> {
        self.find(addon)?.data().odata = served.then(Uuid::new_v4);
        Ok(())
    }

    /// Adds a write error of the last 24 hours.
    ///
    /// # Errors
    /// No such add-on or mapping.
    pub fn add_write_error(
        &self,
        addon: &str,
        object: &str,
        message: &str,
    ) -> Result<(), ConnectError> {
        let connection = self.find(addon)?;
        let now = self.inner.clock.now();
        let mut data = connection.data();
        let mapping = data
            .mapping_of(object)
            .ok_or_else(|| ConnectError::UnknownMapping(object.to_owned()))?;
        mapping.counts.errors += 1;
        let (mapping, table_name) = (mapping.id, mapping.object_name.clone());
        let (id, message) = (Uuid::new_v4(), message.to_owned());
        let record_id = "1".to_owned();
        data.write_errors.push(WriteError {
            id,
            mapping,
            table_name,
            record_id,
            message,
            created_at: now,
        });
        Ok(())
    }

    /// Changes a record in the app's organisation, as somebody there would; creates it where no
    /// id is given. Answers with the record's id.
    ///
    /// # Errors
    /// What Salesforce refuses.
    pub fn change_in_salesforce(
        &self,
        app: &str,
        object: &str,
        id: Option<&str>,
        values: &Values,
    ) -> Result<String, ConnectError> {
        let organisation = self.organisation_or_new(app);
        let source = Source::User("control".to_owned());
        match id {
            Some(id) => organisation
                .update(&source, object, id, values)
                .map(|()| id.to_owned()),
            None => organisation.create(&source, object, values),
        }
        .map_err(ConnectError::from)
    }
}

/// Resumes a connection that is paused or has stopped with an error.
pub(super) fn resume(connection: &Arc<Connection>) {
    let mut data = connection.data();
    data.pausing = None;
    data.unpause_at = None;
    if data.login.is_some()
        && !data.state.is_running()
        && data.state != ConnectionState::Unauthorized
    {
        data.state = ConnectionState::Idle;
    }
    drop(data);
    connection.wake.notify_one();
}
