//! The states of connections and mappings, by the names of Heroku's state references
//! (devcenter: connection-states-reference, mapping-states-reference).

use std::fmt;

macro_rules! states {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal, $description:literal;)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// The name on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// A short text for people.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }

            /// The state of that name on the wire.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

states! {
    /// The state of a connection.
    ConnectionState {
        /// Provisioned; no database yet.
        New = "NEW", "New";
        /// Database set, Salesforce not authorised.
        NeedAuthentication = "NEED_AUTHENTICATION", "Needs Salesforce authentication";
        /// Running, nothing under way.
        Idle = "IDLE", "OK";
        /// Reading the trigger log and writing to Salesforce.
        PollingDbChanges = "POLLING_DB_CHANGES", "Polling database for changes";
        /// Reading a JSON configuration.
        ImportConfiguration = "IMPORT_CONFIGURATION", "Importing configuration";
        /// Paused by a person.
        Paused = "PAUSED", "Paused";
        /// Coming back after a recovery.
        Recovery = "RECOVERY", "Recovering";
        /// An unexpected error.
        SystemError = "SYSTEM_ERROR", "System error";
        /// The database does not answer.
        DbUnavailable = "DB_UNAVAILABLE", "Database unavailable";
        /// More rows than the plan allows.
        TooManyRows = "TOO_MANY_ROWS", "Too many rows for this plan";
        /// Salesforce's authorisation was withdrawn.
        Unauthorized = "UNAUTHORIZED", "Salesforce authorization expired";
    }
}

states! {
    /// The state of a mapping.
    MappingState {
        /// Creating the table.
        Initial = "INITIAL", "Creating table";
        /// Altering the table.
        SchemaChanged = "SCHEMA_CHANGED", "Altering DB schema";
        /// Filling new columns.
        Resync = "RESYNC", "Loading new columns";
        /// Loading all rows.
        ReloadTable = "RELOAD_TABLE", "Loading data";
        /// A bulk job waits in Salesforce.
        WaitBulkLoad = "WAIT_BULK_LOAD", "Waiting for bulk load";
        /// A bulk job's result is being loaded.
        LoadingBulkJob = "LOADING_BULK_JOB", "Loading bulk data";
        /// The bulk load failed.
        BulkLoadError = "BULK_LOAD_ERROR", "Bulk load error";
        /// In step.
        DataSynced = "DATA_SYNCED", "OK";
        /// Reading changes.
        PollingSfChanges = "POLLING_SF_CHANGES", "Polling Salesforce for changes";
        /// Reading more than 10,000 changes.
        PollingSfBulk = "POLLING_SF_BULK", "Polling Salesforce for changes using bulk";
        /// Stopped by a person in the middle of a load.
        Aborted = "ABORTED", "Aborted";
        /// The configuration cannot be applied.
        BadConfig = "BAD_CONFIG", "Bad configuration";
        /// An unexpected error.
        SystemError = "SYSTEM_ERROR", "System error";
    }
}

impl ConnectionState {
    /// Whether the connection works on its own in this state.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(
            self,
            Self::Idle | Self::PollingDbChanges | Self::ImportConfiguration | Self::Recovery
        )
    }
}

impl MappingState {
    /// Whether the table is loaded and kept in step.
    #[must_use]
    pub fn is_loaded(self) -> bool {
        matches!(
            self,
            Self::DataSynced | Self::PollingSfChanges | Self::PollingSfBulk
        )
    }

    /// Whether the mapping has stopped and waits for a person.
    #[must_use]
    pub fn is_stopped(self) -> bool {
        matches!(
            self,
            Self::Aborted | Self::BadConfig | Self::SystemError | Self::BulkLoadError
        )
    }
}
