//! How this Connect behaves: its speeds, and its choices where the documentation is silent.

use std::time::Duration;

/// The organisation that the operator's login leads to, unless the app was given another.
#[derive(Clone, Debug)]
pub struct SalesforceOptions {
    /// The instance of made organisations.
    pub instance: String,
    /// The integration user's name.
    pub username: String,
    /// The current API version, used where `authorize_url` names none.
    pub api_version: String,
}

impl Default for SalesforceOptions {
    fn default() -> Self {
        Self {
            instance: "EU44".to_owned(),
            username: "connect@example.com".to_owned(),
            api_version: "64.0".to_owned(),
        }
    }
}

/// What `POST actions/pause` does when the connection is not IDLE (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseWhenBusy {
    /// Answers 409 with a `message`.
    Refuse,
    /// Answers 202 and pauses when the work in hand is done.
    FinishLater,
}

/// What a PATCH of `features` or `logplex_log_enabled` does (undocumented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsPatch {
    /// The new values hold.
    Applied,
    /// 200, and nothing changes.
    Ignored,
    /// 400.
    Refused,
}

/// What happens on the login page when nobody says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// The app's own organisation allows the connection.
    Allow,
    /// Someone logs in to another organisation.
    WrongOrganisation,
    /// Someone presses Deny.
    Refuse,
}

/// One app's Connect. All durations are sandbox time.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Rows that an initial load brings in each second (Heroku publishes no figure).
    pub load_rows_per_second: f64,
    /// How long a bulk job waits in Salesforce's queue.
    pub bulk_wait: Duration,
    /// Polling of Postgres without a notification: every two minutes.
    pub database_poll: Duration,
    /// The shortest time between two polls that notifications cause: ten seconds.
    pub notify_interval: Duration,
    /// From a change in Salesforce to a poll, with `sf_notify_enabled`.
    pub streaming_delay: Duration,
    /// How long one poll of Salesforce takes.
    pub salesforce_poll_takes: Duration,
    /// How long one poll of Postgres takes before anything is written.
    pub database_poll_takes: Duration,
    /// How long a batch of at most 200 writes to Salesforce takes.
    pub write_batch_takes: Duration,
    /// How long the connection stays in IMPORT_CONFIGURATION.
    pub import_takes: Duration,
    /// From an accepted pause to PAUSED, where nothing is under way.
    pub pause_takes: Duration,
    /// Whether a PATCH of `db_key` or `schema_name` un-pauses, as the help article says.
    pub patch_unpauses: bool,
    /// From such a PATCH to the state leaving PAUSED.
    pub unpause_delay: Duration,
    /// See [`PauseWhenBusy`].
    pub pause_when_busy: PauseWhenBusy,
    /// See [`SettingsPatch`].
    pub settings_patch: SettingsPatch,
    /// Whether an import also applies the export's `features` and `logplex_log_enabled`
    /// (undocumented; the help article copies them by hand).
    pub import_applies_settings: bool,
    /// Whether deleting a mapping drops its table.
    pub delete_drops_table: bool,
    /// See [`Login`].
    pub login: Login,
    /// Whether opening the login page is answer enough, for a browser that is a script.
    pub login_without_asking: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            load_rows_per_second: 500.0,
            bulk_wait: seconds(20),
            database_poll: seconds(120),
            notify_interval: seconds(10),
            streaming_delay: seconds(5),
            salesforce_poll_takes: seconds(2),
            database_poll_takes: seconds(1),
            write_batch_takes: Duration::from_millis(500),
            import_takes: seconds(3),
            pause_takes: seconds(2),
            patch_unpauses: true,
            unpause_delay: Duration::ZERO,
            pause_when_busy: PauseWhenBusy::Refuse,
            settings_patch: SettingsPatch::Ignored,
            import_applies_settings: false,
            delete_drops_table: true,
            login: Login::Allow,
            login_without_asking: false,
        }
    }
}
