//! The control API for this process.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use uuid::Uuid;

use super::start::Sandbox;
use crate::audit::{Audit, AuditError};
use crate::connect::{Connect, ConnectError, SeedConnection};
use crate::http::{Fault, FaultError, LoggedRequest};
use crate::servers::{Database, Generation, Server, ServerError, Shutdown};
use crate::workload::Workload;
use crate::world::{AppSpec, FormationChange, Provisioning, Refusal, ReleasePhase, SpecError};

/// Something about an app that cannot be done, as Heroku words it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ControlError(String);

impl From<Refusal> for ControlError {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.message)
    }
}

impl Sandbox {
    /// Makes an app with its add-ons and tells its name.
    ///
    /// # Errors
    /// A taken name, an unknown plan or size, or a server that refuses.
    pub async fn create_app(&self, spec: AppSpec) -> Result<String, SpecError> {
        let world = self.world.clone();
        let made = self
            .on_own_threads(async move { world.create_app(spec).await })
            .await;
        made.unwrap_or_else(|| Err(SpecError::Refused("the sandbox has stopped".to_owned())))
    }

    /// Starts the dynos of an app that was made without them running.
    ///
    /// # Errors
    /// There is no such app.
    pub fn launch(&self, app: &str) -> Result<(), ControlError> {
        self.world.launch(app).map_err(ControlError::from)
    }

    /// What the app's dynos do from their next start on.
    ///
    /// # Errors
    /// There is no such app.
    pub fn set_workload(&self, app: &str, workload: Workload) -> Result<(), ControlError> {
        self.world.with(|state| {
            state.app_mut(app)?.workload = Some(workload.into());
            Ok(())
        })
    }

    /// The database behind an attachment.
    #[must_use]
    pub fn database(&self, app: &str, attachment: &str) -> Option<Database> {
        self.world.with(|state| {
            let app = state.app(app).ok()?.id;
            let attachment = state.attachment_named(app, attachment)?;
            state.addons.get(&attachment.addon)?.database.clone()
        })
    }

    /// Gives a database's default credential a new password; config vars and releases follow, and its
    /// sessions end.
    ///
    /// # Errors
    /// There is no such database, or the server refuses.
    pub async fn rotate_credentials(&self, addon: &str) -> Result<(), SpecError> {
        let (world, addon) = (self.world.clone(), addon.to_owned());
        let rotating = async move { world.rotate_credentials(&addon).await };
        let done = self.on_own_threads(rotating).await;
        done.unwrap_or_else(|| Err(SpecError::Refused("the sandbox has stopped".to_owned())))
    }

    /// The app's config vars as they are now, secrets included.
    #[must_use]
    pub fn config_vars(&self, app: &str) -> BTreeMap<String, String> {
        self.world.with(|state| {
            state
                .app(app)
                .map(|app| state.config_vars(app.id))
                .unwrap_or_default()
        })
    }

    /// Makes an add-on's connection as if it had been running for a long time.
    ///
    /// # Errors
    /// See [`Connect::seed_connection`].
    pub async fn seed_connection(&self, seed: SeedConnection) -> Result<Uuid, ConnectError> {
        let (connect, world) = (self.connect.clone(), self.world.clone());
        let name = seed.addon.resource_name.clone();
        let seeding = self.on_own_threads(async move {
            let id = connect.seed_connection(seed).await?;
            world.with(|state| {
                let id = state.addon(&name).ok().map(|addon| addon.id);
                if let Some(addon) = id.and_then(|id| state.addons.get_mut(&id)) {
                    addon.connect_url = connect.config_var_value(&name);
                }
            });
            Ok(id)
        });
        seeding
            .await
            .unwrap_or_else(|| Err(ConnectError::UnknownAddon("the sandbox".to_owned())))
    }

    /// Connect and Salesforce. What it starts must be started on the sandbox's threads: use
    /// [`Self::seed_connection`] for connections.
    #[must_use]
    pub fn connect(&self) -> &Connect {
        &self.connect
    }

    /// Compares every acknowledged write of the app with its present database and with the
    /// organisation.
    ///
    /// # Errors
    /// No such app, or a database that does not answer.
    pub async fn audit(&self, app: &str) -> Result<Audit, AuditError> {
        let (world, connect, name) = (self.world.clone(), self.connect.clone(), app.to_owned());
        let auditing = async move { world.audit(&name, Some(&connect)).await };
        let done = self.on_own_threads(auditing).await;
        done.unwrap_or_else(|| Err(AuditError::NoApp(app.to_owned())))
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.control.log.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.control.log.clear();
    }

    /// Lets something go wrong; the answer is the fault's id.
    ///
    /// # Errors
    /// The path is no regular expression.
    pub fn add_fault(&self, fault: Fault) -> Result<u64, FaultError> {
        self.control.faults.add(fault)
    }

    /// Takes a fault away; `false` where it is not there (any more).
    pub fn remove_fault(&self, id: u64) -> bool {
        self.control.faults.remove(id)
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.control.faults.clear();
    }

    /// The faults that still wait.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.control.faults.all()
    }

    /// Makes another token good.
    pub fn add_token(&self, token: SecretString) {
        self.control.tokens.add(token);
    }

    /// Lets a token expire.
    pub fn revoke_token(&self, token: &str) {
        self.control.tokens.revoke(token);
    }

    /// Leaves this much of the request budget.
    pub fn set_rate_limit_remaining(&self, remaining: u32) {
        self.control.bucket.set(remaining);
    }

    /// How the app's release commands go from now on.
    ///
    /// # Errors
    /// There is no such app.
    pub fn set_release_phase(&self, app: &str, phase: ReleasePhase) -> Result<(), ControlError> {
        self.world
            .set_release_phase(app, phase)
            .map_err(ControlError::from)
    }

    /// How the provisioning of the app's next add-ons goes.
    ///
    /// # Errors
    /// There is no such app.
    pub fn set_provisioning(&self, app: &str, rule: Provisioning) -> Result<(), ControlError> {
        self.world
            .set_provisioning(app, rule)
            .map_err(ControlError::from)
    }

    /// How long the app's dynos take to start and to stop, in sandbox time.
    ///
    /// # Errors
    /// There is no such app.
    pub fn set_dyno_delays(
        &self,
        app: &str,
        start: Duration,
        stop: Duration,
    ) -> Result<(), ControlError> {
        self.world
            .set_dyno_delays(app, start, stop)
            .map_err(ControlError::from)
    }

    /// Whether the app's dynos crash when they start from now on. Those that have stay `crashed` until
    /// they are restarted; the dyno manager's own attempts are not played.
    ///
    /// # Errors
    /// There is no such app.
    pub fn set_boot_crashes(&self, app: &str, crashes: bool) -> Result<(), ControlError> {
        self.world
            .set_boot_crashes(app, crashes)
            .map_err(ControlError::from)
    }

    /// Somebody starts a one-off dyno: it survives scaling, restarts and maintenance.
    ///
    /// # Errors
    /// There is no such app.
    pub fn run_one_off(&self, app: &str, process_type: &str) -> Result<Uuid, ControlError> {
        let command = "bin/work";
        self.world
            .run_one_off(app, process_type, command, None)
            .map_err(ControlError::from)
    }

    /// Somebody scales a process type.
    ///
    /// # Errors
    /// There is no such app or process type.
    pub fn scale(&self, app: &str, process: &str, quantity: u32) -> Result<(), ControlError> {
        let change = FormationChange {
            process: process.to_owned(),
            quantity: Some(quantity.to_string()),
            size: None,
        };
        self.world
            .scale(app, &[change])
            .map(drop)
            .map_err(ControlError::from)
    }

    /// Somebody sets config vars (`None` takes one away).
    ///
    /// # Errors
    /// There is no such app, or the config var belongs to an attachment.
    pub fn set_config_vars(
        &self,
        app: &str,
        changes: &BTreeMap<String, Option<String>>,
    ) -> Result<(), ControlError> {
        self.world
            .set_config_vars(app, changes)
            .map(drop)
            .map_err(ControlError::from)
    }

    /// Gives a database a named credential.
    ///
    /// # Errors
    /// There is no such database, or it refuses.
    pub async fn add_credential(&self, addon: &str, name: &str) -> Result<(), SpecError> {
        let (world, addon, name) = (self.world.clone(), addon.to_owned(), name.to_owned());
        let adding = async move { world.add_credential(&addon, &name).await };
        let done = self.on_own_threads(adding).await;
        done.unwrap_or_else(|| Err(SpecError::Refused("the sandbox has stopped".to_owned())))
    }

    /// Makes a database look like a follower to the Data API, or no longer.
    ///
    /// # Errors
    /// There is no such add-on.
    pub fn set_following(&self, addon: &str, leader: Option<&str>) -> Result<(), ControlError> {
        self.world
            .set_following(addon, leader.map(str::to_owned))
            .map_err(ControlError::from)
    }

    /// Stops a database server. Until [`Self::start_server`] its port refuses connections.
    pub async fn stop_server(&self, generation: Generation, how: Shutdown) {
        self.servers.stop(generation, how).await;
    }

    /// Starts a stopped database server again on its data and its port.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] where it does not come up.
    pub async fn start_server(&self, generation: Generation) -> Result<(), ServerError> {
        self.servers.start_again(generation).await
    }

    /// A database server.
    #[must_use]
    pub fn server(&self, generation: Generation) -> &Server {
        self.servers.server(generation)
    }

    /// Runs `task` on the sandbox's own threads, where its connections and tasks outlive the
    /// caller's runtime. `None` once the sandbox has stopped.
    pub(crate) async fn on_own_threads<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        self.runtime.as_ref()?.spawn(task).await.ok()
    }
}
