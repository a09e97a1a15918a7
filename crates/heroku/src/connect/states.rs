//! What connections and mappings are doing.
//!
//! Names from the dev center's "Connection states" and "Mapping states" references; those that
//! the references' public copies no longer show come from clients (thermondo/django-heroku-connect
//! `utils.py`). A state that nobody has described is never taken for a good one.

use crate::wire::wire_enum;

wire_enum! {
    /// The state of a connection.
    ConnectionState {
        /// No database and schema yet.
        New = "NEW",
        /// Salesforce is not authorised yet.
        NeedAuthentication = "NEED_AUTHENTICATION",
        /// Well, and doing nothing at this moment.
        Idle = "IDLE",
        /// Well, looking for changes in the database.
        PollingDbChanges = "POLLING_DB_CHANGES",
        /// Well, working.
        Busy = "BUSY",
        /// Importing a configuration.
        ImportConfiguration = "IMPORT_CONFIGURATION",
        /// Paused by a user.
        Paused = "PAUSED",
        /// Coming back after a new authorisation or a restart.
        Recovery = "RECOVERY",
        /// An unexpected error.
        SystemError = "SYSTEM_ERROR",
        /// The database does not answer, or the config var is wrong.
        DbUnavailable = "DB_UNAVAILABLE",
        /// More rows than the plan permits.
        TooManyRows = "TOO_MANY_ROWS",
        /// Salesforce's authorisation has expired.
        Unauthorized = "UNAUTHORIZED",
        /// The authorisation to the Heroku side failed.
        HerokuUnauth = "HEROKU_UNAUTH",
        /// The Salesforce organisation is inactive.
        InactiveOrg = "INACTIVE_ORG",
    }
}

impl ConnectionState {
    /// Running as it should. Neither this nor an error: new, not authorised, paused, recovering,
    /// unknown.
    pub fn is_ok(&self) -> bool {
        use ConnectionState::*;
        matches!(self, Idle | PollingDbChanges | Busy | ImportConfiguration)
    }

    /// Stopped by an error that somebody has to see to.
    pub fn is_error(&self) -> bool {
        use ConnectionState::*;
        matches!(
            self,
            SystemError | DbUnavailable | TooManyRows | Unauthorized | HerokuUnauth | InactiveOrg
        )
    }
}

wire_enum! {
    /// The state of a mapping.
    MappingState {
        /// Loaded and up to date.
        DataSynced = "DATA_SYNCED",
        /// Its table is being made.
        Initial = "INITIAL",
        /// Its table is being altered.
        SchemaChanged = "SCHEMA_CHANGED",
        /// New columns are being loaded.
        Resync = "RESYNC",
        /// Its table is being loaded.
        ReloadTable = "RELOAD_TABLE",
        /// Waiting for a bulk load.
        WaitBulkLoad = "WAIT_BULK_LOAD",
        /// A bulk load is running.
        LoadingBulkJob = "LOADING_BULK_JOB",
        /// A bulk load failed.
        BulkLoadError = "BULK_LOAD_ERROR",
        /// Polling Salesforce for changes.
        PollingSfChanges = "POLLING_SF_CHANGES",
        /// Polling Salesforce for many changes.
        PollingSfBulk = "POLLING_SF_BULK",
        /// Polling Salesforce for deletions.
        PollingSfForDeletes = "POLLING_SF_FOR_DELETES",
        /// Waiting for a bulk update.
        WaitBulkUpdate = "WAIT_BULK_UPDATE",
        /// A bulk update is being applied.
        ApplyingBulkUpdate = "APPLYING_BULK_UPDATE",
        /// External ids are being resolved.
        ResolveExternalIds = "RESOLVE_EXTERNAL_IDS",
        /// External ids are being polled.
        PollExternalIds = "POLL_EXTERNAL_IDS",
        /// Aborted by a user: after an aborted load the table is incomplete.
        Aborted = "ABORTED",
        /// Coming back after an error.
        Recovery = "RECOVERY",
        /// An unexpected error.
        SystemError = "SYSTEM_ERROR",
        /// The database does not answer.
        DbUnavailable = "DB_UNAVAILABLE",
        /// Its configuration cannot be carried out.
        BadConfig = "BAD_CONFIG",
        /// It no longer syncs.
        SyncRemoved = "SYNC_REMOVED",
        /// The Salesforce organisation is inactive.
        InactiveOrg = "INACTIVE_ORG",
        /// Salesforce's authorisation has expired.
        Unauthorized = "UNAUTHORIZED",
    }
}

impl MappingState {
    /// Loaded and up to date.
    pub fn is_loaded(&self) -> bool {
        *self == MappingState::DataSynced
    }

    /// On the way to the first full table, or to new columns.
    pub fn is_loading(&self) -> bool {
        use MappingState::*;
        matches!(
            self,
            Initial | SchemaChanged | Resync | ReloadTable | WaitBulkLoad | LoadingBulkJob
        )
    }

    /// Taking over changes into a table that was loaded before. Right after an import it may also
    /// follow a load that is not complete: only [`is_loaded`](Self::is_loaded) proves that.
    pub fn is_incremental(&self) -> bool {
        use MappingState::*;
        matches!(
            self,
            PollingSfChanges
                | PollingSfBulk
                | PollingSfForDeletes
                | WaitBulkUpdate
                | ApplyingBulkUpdate
                | ResolveExternalIds
                | PollExternalIds
        )
    }

    /// Stopped, or in an error.
    pub fn is_stopped_or_bad(&self) -> bool {
        use MappingState::*;
        matches!(
            self,
            Aborted
                | BulkLoadError
                | Recovery
                | SystemError
                | DbUnavailable
                | BadConfig
                | SyncRemoved
                | InactiveOrg
                | Unauthorized
        )
    }

    /// At rest, well or not: nothing is going on. Recovery is no rest, and an unknown state is not
    /// taken for one.
    pub fn is_settled(&self) -> bool {
        self.is_loaded() || (self.is_stopped_or_bad() && *self != MappingState::Recovery)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_state_is_nothing_good_and_survives_a_round_trip() {
        let state: ConnectionState = serde_json::from_str("\"DANCING\"").unwrap();
        assert!(!state.is_ok() && !state.is_error());
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"DANCING\"");
        let state = MappingState::from("SYNCED");
        assert!(!state.is_loaded() && !state.is_loading() && !state.is_settled());
    }

    #[test]
    fn no_mapping_state_is_of_two_kinds() {
        for text in [
            "DATA_SYNCED",
            "INITIAL",
            "SCHEMA_CHANGED",
            "RESYNC",
            "RELOAD_TABLE",
            "WAIT_BULK_LOAD",
            "LOADING_BULK_JOB",
            "BULK_LOAD_ERROR",
            "POLLING_SF_CHANGES",
            "POLLING_SF_BULK",
            "POLLING_SF_FOR_DELETES",
            "WAIT_BULK_UPDATE",
            "APPLYING_BULK_UPDATE",
            "RESOLVE_EXTERNAL_IDS",
            "POLL_EXTERNAL_IDS",
            "ABORTED",
            "RECOVERY",
            "SYSTEM_ERROR",
            "DB_UNAVAILABLE",
            "BAD_CONFIG",
            "SYNC_REMOVED",
            "INACTIVE_ORG",
            "UNAUTHORIZED",
        ] {
            let state = MappingState::from(text);
            let kinds = [
                state.is_loaded(),
                state.is_loading(),
                state.is_incremental(),
                state.is_stopped_or_bad(),
            ];
            assert_eq!(kinds.into_iter().filter(|kind| *kind).count(), 1, "{text}");
        }
    }
}
