//! The whole state behind one lock, and the handle that everything shares.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::app::App;
use super::attachments::Attachment;
use super::catalog::Plan;
use super::refusal::Refusal;
use crate::apps::ConnectAddon;
use crate::audit::Ledger;
use crate::clock::Clock;
use crate::options::{Delays, SandboxOptions};
use crate::servers::{Database, Generation, Server};

/// A handle to the state. Clones share it.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    clock: Clock,
    delays: Delays,
    email: String,
    account: Uuid,
    servers: [Server; 2],
    ledger: Ledger,
    runtime: Handle,
    shutdown: CancellationToken,
    connect: OnceLock<Arc<dyn AddonObserver>>,
}

/// The partner that provides Connect add-ons hears of their beginning and end.
pub(crate) trait AddonObserver: Send + Sync {
    fn created(&self, addon: ConnectAddon);
    fn destroyed(&self, addon: Uuid);
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) apps: BTreeMap<Uuid, App>,
    pub(crate) addons: BTreeMap<Uuid, Addon>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) rng: fastrand::Rng,
}

#[derive(Clone, Debug)]
pub(crate) struct Addon {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// The app that is billed for it.
    pub(crate) app: Uuid,
    pub(crate) plan: &'static Plan,
    pub(crate) state: AddonState,
    pub(crate) generation: Generation,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Of Postgres add-ons, once provisioned.
    pub(crate) database: Option<Database>,
    pub(crate) credentials: Vec<Credential>,
    /// When it became usable.
    pub(crate) provisioned_at: Option<Timestamp>,
    /// `DATABASE_URL:salesforce`: of Connect add-ons, once configured.
    pub(crate) connect_url: Option<String>,
    /// Somebody made this database a follower of another.
    pub(crate) following: Option<String>,
}

/// A named credential: a role of its own in the add-on's database.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) password: SecretString,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddonState {
    Provisioning,
    Provisioned,
    Deprovisioned,
}

impl AddonState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Provisioned => "provisioned",
            Self::Deprovisioned => "deprovisioned",
        }
    }
}

impl World {
    pub(crate) fn new(
        options: &SandboxOptions,
        clock: Clock,
        servers: [Server; 2],
        runtime: Handle,
        shutdown: CancellationToken,
    ) -> Self {
        let mut rng = fastrand::Rng::with_seed(options.seed);
        let account = super::names::uuid(&mut rng);
        let state = State {
            apps: BTreeMap::new(),
            addons: BTreeMap::new(),
            attachments: Vec::new(),
            rng,
        };
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            clock,
            delays: options.delays,
            email: options.email.clone(),
            account,
            servers,
            ledger: Ledger::default(),
            runtime,
            shutdown,
            connect: OnceLock::new(),
        }))
    }

    /// Looks at the state or changes it; what the apps' users see is noted afterwards.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut state);
        let now = self.now();
        for app in state.apps.values_mut() {
            app.note_availability(now);
        }
        result
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn delays(&self) -> Delays {
        self.0.delays
    }

    pub(crate) fn email(&self) -> &str {
        &self.0.email
    }

    pub(crate) fn account(&self) -> Uuid {
        self.0.account
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    pub(crate) fn server(&self, generation: Generation) -> &Server {
        match generation {
            Generation::Old => &self.0.servers[0],
            Generation::New => &self.0.servers[1],
        }
    }

    /// Who hears of Connect add-ons from now on. A second call changes nothing.
    pub(crate) fn observe_connect_addons(&self, observer: Arc<dyn AddonObserver>) {
        let _ = self.0.connect.set(observer);
    }

    pub(crate) fn connect(&self) -> Option<&Arc<dyn AddonObserver>> {
        self.0.connect.get()
    }

    /// Runs `task` until it is done or the sandbox ends.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let shutdown = self.0.shutdown.clone();
        self.0.runtime.spawn(async move {
            tokio::select! {
                () = task => {}
                () = shutdown.cancelled() => {}
            }
        });
    }
}

impl State {
    pub(crate) fn app(&self, name_or_id: &str) -> Result<&App, Refusal> {
        let id = name_or_id.parse::<Uuid>().ok();
        self.apps
            .values()
            .find(|app| app.name == name_or_id || Some(app.id) == id)
            .ok_or_else(|| Refusal::not_found("app"))
    }

    pub(crate) fn app_mut(&mut self, name_or_id: &str) -> Result<&mut App, Refusal> {
        let id = self.app(name_or_id)?.id;
        self.apps
            .get_mut(&id)
            .ok_or_else(|| Refusal::not_found("app"))
    }

    pub(crate) fn addon(&self, name_or_id: &str) -> Result<&Addon, Refusal> {
        let id = name_or_id.parse::<Uuid>().ok();
        self.addons
            .values()
            .find(|addon| addon.name == name_or_id || Some(addon.id) == id)
            .ok_or_else(|| Refusal::not_found("addon"))
    }

    /// An add-on as seen from an app: by its name or id, or by an attachment's name.
    pub(crate) fn addon_of_app(&self, app: Uuid, name: &str) -> Result<&Addon, Refusal> {
        let reachable = |addon: &&Addon| {
            addon.app == app || self.attachments_of(app).any(|each| each.addon == addon.id)
        };
        if let Ok(addon) = self.addon(name)
            && reachable(&addon)
        {
            return Ok(addon);
        }
        self.attachments_of(app)
            .find(|attachment| attachment.name.eq_ignore_ascii_case(name))
            .and_then(|attachment| self.addons.get(&attachment.addon))
            .ok_or_else(|| Refusal::not_found("addon"))
    }

    pub(crate) fn attachments_of(&self, app: Uuid) -> impl Iterator<Item = &Attachment> {
        self.attachments
            .iter()
            .filter(move |attachment| attachment.app == app)
    }

    pub(crate) fn attachments_to(&self, addon: Uuid) -> impl Iterator<Item = &Attachment> {
        self.attachments
            .iter()
            .filter(move |attachment| attachment.addon == addon)
    }

    pub(crate) fn attachment(&self, id: Uuid) -> Option<&Attachment> {
        self.attachments
            .iter()
            .find(|attachment| attachment.id == id)
    }

    pub(crate) fn attachment_named(&self, app: Uuid, name: &str) -> Option<&Attachment> {
        self.attachments_of(app)
            .find(|attachment| attachment.name.eq_ignore_ascii_case(name))
    }
}
