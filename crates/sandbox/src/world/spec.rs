//! Apps that are there before anybody comes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::app::{App, DynoDelays, ProcessType, ReleasePhase};
use super::attachments::Attachment;
use super::availability::Availability;
use super::catalog::{Plan, dyno_size};
use super::names;
use super::provisioning::Provisioning;
use super::refusal::Refusal;
use super::state::{Addon, AddonState, State, World};
use crate::servers::{Generation, ServerError};
use crate::workload::Workload;

/// An app to begin with.
#[derive(Clone, Debug)]
pub struct AppSpec {
    /// Its name; one is made up where it is `None`.
    pub name: Option<String>,
    /// Its process types.
    pub formation: Vec<ProcessSpec>,
    /// Its database on the old server, attached as DATABASE.
    pub postgres: Option<PostgresSpec>,
    /// The plan of its Connect add-on (`herokuconnect:enterprise`), attached as HEROKUCONNECT.
    pub connect: Option<String>,
    /// Config vars set by people.
    pub config: BTreeMap<String, String>,
    /// How its release commands go, where it has the process type `release`.
    pub release_phase: ReleasePhase,
    /// What its dynos do; nothing where it is `None`.
    pub workload: Option<Workload>,
    /// Whether dynos start at once. Otherwise they wait for `Sandbox::launch`.
    pub launch: bool,
}

/// A process type to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessSpec {
    /// `web`, `worker`, `release`.
    pub name: String,
    /// How many dynos.
    pub quantity: u32,
    /// Their size.
    pub size: String,
}

/// A database to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresSpec {
    /// `heroku-postgresql:standard-0`.
    pub plan: String,
}

impl ProcessSpec {
    /// `quantity` dynos of the size Standard-1X.
    #[must_use]
    pub fn new(name: &str, quantity: u32) -> Self {
        Self {
            name: name.to_owned(),
            quantity,
            size: "Standard-1X".to_owned(),
        }
    }
}

impl Default for AppSpec {
    /// Two web dynos and a worker on a standard-0 database with an enterprise Connect add-on.
    fn default() -> Self {
        Self {
            name: None,
            formation: vec![ProcessSpec::new("web", 2), ProcessSpec::new("worker", 1)],
            postgres: Some(PostgresSpec {
                plan: "heroku-postgresql:standard-0".to_owned(),
            }),
            connect: Some("herokuconnect:enterprise".to_owned()),
            config: BTreeMap::new(),
            release_phase: ReleasePhase::default(),
            workload: None,
            launch: true,
        }
    }
}

/// Why an app could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Something about it is not allowed: a taken name, an unknown plan or size.
    #[error("the app cannot be made: {0}")]
    Refused(String),
    /// Its database could not be made.
    #[error("the app's database could not be made")]
    Database(#[from] ServerError),
}

impl From<Refusal> for SpecError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.message)
    }
}

impl World {
    /// Makes the app with its add-ons, all provisioned.
    pub(crate) async fn create_app(&self, spec: AppSpec) -> Result<String, SpecError> {
        let now = self.now();
        let launch = spec.launch;
        let (app, name, addons) = self.with(|state| state.insert_app(spec, self.delays(), now))?;
        for addon in addons {
            self.make_database(addon).await?;
            let connect = self.with(|state| {
                let found = state.addons.get_mut(&addon)?;
                found.state = AddonState::Provisioned;
                found.provisioned_at = Some(long_ago(now));
                state.connect_addon(addon)
            });
            if let (Some(connect), Some(observer)) = (connect, self.connect()) {
                observer.created(connect);
            }
        }
        for description in ["Initial release", "Enable Logplex", "Deploy 5f3c2a91"] {
            self.push_first_release(app, description);
        }
        if launch {
            self.launch(&name)?;
        }
        Ok(name)
    }

    /// Starts the dynos of an app that was made without them running.
    pub(crate) fn launch(&self, app: &str) -> Result<(), Refusal> {
        let id = self.with(|state| {
            let app = state.app_mut(app)?;
            app.launched = true;
            Ok(app.id)
        })?;
        self.reconcile(id);
        Ok(())
    }
}

impl State {
    fn insert_app(
        &mut self,
        spec: AppSpec,
        delays: crate::options::Delays,
        now: Timestamp,
    ) -> Result<(Uuid, String, Vec<Uuid>), Refusal> {
        let name = match spec.name {
            Some(name) => name,
            None => names::letters(&mut self.rng, "app-", 8),
        };
        if self.app(&name).is_ok() {
            return Err(Refusal::invalid("Name is already taken"));
        }
        let id = names::uuid(&mut self.rng);
        let mut formation = BTreeMap::new();
        for process in spec.formation {
            let size = dyno_size(&process.size)
                .ok_or_else(|| Refusal::invalid(format!("No such size as {}.", process.size)))?;
            formation.insert(
                process.name.clone(),
                ProcessType {
                    id: names::uuid(&mut self.rng),
                    command: format!("bin/{}", process.name),
                    name: process.name,
                    quantity: process.quantity,
                    size,
                    created_at: now,
                    updated_at: now,
                },
            );
        }
        self.apps.insert(
            id,
            App {
                id,
                name: name.clone(),
                region: "us".to_owned(),
                maintenance: false,
                created_at: long_ago(now),
                updated_at: now,
                config: spec.config,
                formation,
                dynos: Vec::new(),
                releases: Vec::new(),
                release_phase: spec.release_phase,
                provisioning: Provisioning::default(),
                restarts: 0,
                launched: false,
                crashes_at_boot: false,
                delays: DynoDelays {
                    start: delays.dyno_start,
                    stop: delays.dyno_stop,
                },
                workload: spec.workload.map(Arc::new),
                availability: Availability::default(),
                release_queue: Arc::default(),
            },
        );
        let plans = [spec.postgres.map(|postgres| postgres.plan), spec.connect];
        let mut addons = Vec::new();
        for plan in plans.into_iter().flatten() {
            let plan = Plan::find(&plan).ok_or_else(|| Refusal::not_found("plan"))?;
            addons.push(self.insert_old_addon(id, plan, now)?);
        }
        Ok((id, name, addons))
    }

    pub(crate) fn insert_old_addon(
        &mut self,
        app: Uuid,
        plan: &'static Plan,
        now: Timestamp,
    ) -> Result<Uuid, Refusal> {
        let id = names::uuid(&mut self.rng);
        let name = self.free_addon_name(plan.service(), None)?;
        let attachment = self.default_attachment_name(app, plan.service());
        self.addons.insert(
            id,
            Addon {
                id,
                name,
                app,
                plan,
                state: AddonState::Provisioning,
                generation: Generation::Old,
                created_at: long_ago(now),
                updated_at: now,
                database: None,
                credentials: Vec::new(),
                provisioned_at: None,
                connect_url: None,
                following: None,
            },
        );
        let attachment_id = names::uuid(&mut self.rng);
        self.attachments.push(Attachment {
            id: attachment_id,
            name: attachment,
            addon: id,
            app,
            namespace: None,
            created_at: long_ago(now),
            updated_at: now,
        });
        Ok(id)
    }
}

/// A year before: what was there from the beginning is no news to anybody.
fn long_ago(now: Timestamp) -> Timestamp {
    now.checked_sub(jiff::SignedDuration::from_hours(24 * 365))
        .unwrap_or(now)
}
