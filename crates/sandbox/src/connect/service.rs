//! Connect as a whole: its connections, the organisations of the apps, and their behaviour.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::connection::Connection;
use super::engine::Engine;
use super::error::ConnectError;
use super::login::PendingLogin;
use super::options::{Behaviour, SalesforceOptions};
use super::runs::RunLog;
use crate::apps::{AppDirectory, ConnectAddon};
use crate::clock::Clock;
use crate::salesforce::{Organisation, OrganisationInfo};

/// Heroku Connect for every app of a sandbox. Clones are the same Connect.
#[derive(Clone)]
pub struct Connect {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) clock: Clock,
    pub(crate) directory: Arc<dyn AppDirectory>,
    /// Without a slash at the end.
    pub(crate) base_url: String,
    pub(crate) salesforce: SalesforceOptions,
    pub(crate) runs: RunLog,
    numbers: AtomicU64,
    shared: Mutex<Shared>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Shared {
    connections: BTreeMap<u64, Arc<Connection>>,
    organisations: HashMap<String, Organisation>,
    behaviours: HashMap<String, Behaviour>,
    logins: HashMap<String, PendingLogin>,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect")
            .field("base_url", &self.inner.base_url)
            .finish_non_exhaustive()
    }
}

impl Connect {
    /// A Connect without connections, reached at `base_url`. Its tasks run on the Tokio runtime
    /// of whoever adds an add-on, until [`Self::stop`] or the add-on's end.
    #[must_use]
    pub fn new(
        clock: Clock,
        directory: Arc<dyn AppDirectory>,
        base_url: &str,
        salesforce: SalesforceOptions,
    ) -> Self {
        let inner = Inner {
            clock,
            directory,
            base_url: base_url.trim_end_matches('/').to_owned(),
            salesforce,
            runs: RunLog::default(),
            numbers: AtomicU64::new(650_000),
            shared: Mutex::new(Shared::default()),
            stop: CancellationToken::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// A Connect add-on was provisioned: its connection exists, seen by nobody, in state NEW.
    pub fn addon_created(&self, addon: ConnectAddon) {
        if self.by_addon(addon.id).is_none() {
            let connection = self.add(addon);
            self.start(&connection);
        }
    }

    /// An add-on was destroyed: its connection ends. Tables stay in the database.
    pub fn addon_destroyed(&self, id: Uuid) {
        let Some(connection) = self.by_addon(id) else {
            return;
        };
        connection.stop.cancel();
        self.inner
            .runs
            .stopped(connection.id, self.inner.clock.now());
        self.shared()
            .connections
            .retain(|_, other| other.id != connection.id);
    }

    /// Ends every connection's task.
    pub fn stop(&self) {
        self.inner.stop.cancel();
    }

    /// The value that the add-on's config var `HEROKUCONNECT_URL` has: `<db_key>:<schema>`, once
    /// both are set. `addon` is an id or a resource name.
    #[must_use]
    pub fn config_var_value(&self, addon: &str) -> Option<String> {
        let connection = self.find(addon).ok()?;
        let data = connection.data();
        Some(format!(
            "{}:{}",
            data.db_key.as_ref()?,
            data.schema_name.as_ref()?
        ))
    }

    /// The id under which the API knows an add-on's connection.
    ///
    /// # Errors
    /// No such add-on.
    pub fn connection_id(&self, addon: &str) -> Result<Uuid, ConnectError> {
        self.find(addon).map(|connection| connection.id)
    }

    /// The organisation that logins of this app lead to; `None` where none was given or needed.
    #[must_use]
    pub fn organisation(&self, app: &str) -> Option<Organisation> {
        self.shared().organisations.get(app).cloned()
    }

    /// The organisation of the app, made without objects where there is none.
    #[must_use]
    pub fn organisation_or_new(&self, app: &str) -> Organisation {
        let number = self.next_number();
        let made = || self.made_organisation(number);
        self.shared()
            .organisations
            .entry(app.to_owned())
            .or_insert_with(made)
            .clone()
    }

    /// Gives the app an organisation of its own choice.
    pub fn set_organisation(&self, app: &str, organisation: Organisation) {
        self.shared()
            .organisations
            .insert(app.to_owned(), organisation);
    }

    /// An organisation with the app's objects but another id, as someone with two logins has.
    pub(crate) fn another_organisation(&self, app: &str) -> Organisation {
        let other = self.made_organisation(self.next_number());
        for schema in self.organisation_or_new(app).schemas() {
            other.define(schema);
        }
        other
    }

    fn made_organisation(&self, number: u64) -> Organisation {
        let options = &self.inner.salesforce;
        let info = OrganisationInfo {
            id: format!("00D{number:012}EAA"),
            instance: options.instance.clone(),
            username: options.username.clone(),
        };
        Organisation::new(info, self.inner.clock.clone())
    }

    /// How the app's connections behave.
    #[must_use]
    pub fn behaviour(&self, app: &str) -> Behaviour {
        self.shared()
            .behaviours
            .get(app)
            .cloned()
            .unwrap_or_default()
    }

    /// Changes how the app's connections behave, from now on.
    pub fn change_behaviour(&self, app: &str, change: impl FnOnce(&mut Behaviour)) {
        change(self.shared().behaviours.entry(app.to_owned()).or_default());
        for connection in self
            .connections()
            .iter()
            .filter(|connection| connection.addon.app_name == app)
        {
            connection.wake.notify_one();
        }
    }

    pub(crate) fn add(&self, addon: ConnectAddon) -> Arc<Connection> {
        let number = self.next_number();
        let connection = Connection::new(
            number,
            addon,
            self.inner.stop.child_token(),
            self.inner.clock.now(),
        );
        let connection = Arc::new(connection);
        self.shared()
            .connections
            .insert(number, Arc::clone(&connection));
        connection
    }

    pub(crate) fn start(&self, connection: &Arc<Connection>) {
        tokio::spawn(Engine::new(self.clone(), Arc::clone(connection)).run());
    }

    pub(crate) fn connections(&self) -> Vec<Arc<Connection>> {
        self.shared().connections.values().cloned().collect()
    }

    /// The connection of an add-on, by the add-on's id or name or the connection's own id.
    pub(crate) fn find(&self, addon: &str) -> Result<Arc<Connection>, ConnectError> {
        let is_it = |connection: &&Arc<Connection>| {
            connection.addon.resource_name == addon
                || Uuid::parse_str(addon)
                    .is_ok_and(|id| connection.addon.id == id || connection.id == id)
        };
        let connections = self.connections();
        connections
            .iter()
            .find(is_it)
            .cloned()
            .ok_or_else(|| ConnectError::UnknownAddon(addon.to_owned()))
    }

    pub(crate) fn by_addon(&self, id: Uuid) -> Option<Arc<Connection>> {
        self.connections()
            .into_iter()
            .find(|connection| connection.addon.id == id)
    }

    pub(crate) fn remember_login(&self, login: PendingLogin) -> String {
        let token = Uuid::new_v4().simple().to_string();
        self.shared().logins.insert(token.clone(), login);
        token
    }

    pub(crate) fn login(&self, token: &str) -> Option<PendingLogin> {
        self.shared().logins.get(token).cloned()
    }

    pub(crate) fn forget_login(&self, token: &str) {
        self.shared().logins.remove(token);
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.inner.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.inner
            .shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
