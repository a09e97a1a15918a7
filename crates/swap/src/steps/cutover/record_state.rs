//! Writes down how the app is, so that it can be put back exactly.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_heroku::connect::ConnectionState;
use connect_swap_heroku::platform::{Formation, FormationUpdate};
use connect_swap_postgres::{FenceSettings, Purpose, fence_settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::downtime::Estimate;
use crate::steps::shared::behind::Behind;
use crate::topology::OtherConnections;
use crate::trouble::During;
use crate::world::{Side, World};

/// Records formation, maintenance, connection states and database settings.
pub struct RecordState;

#[async_trait]
impl Step<World> for RecordState {
    fn id(&self) -> &'static str {
        "record-state"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            calls: vec![
                "GET /apps/APP/formation, /apps/APP; reads every connection of the app".into(),
            ],
            ..world.describe("write down formation, maintenance flag and database settings")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // Never recorded a second time in the window, where the app is scaled down; before it, what
        // an earlier try recorded may be of yesterday.
        let in_window = scope.outputs.raw("maintenance-on").is_some();
        Ok(match scope.own_output::<Value>()? {
            Some(recorded) if in_window => Observation::Done(recorded),
            _ => Observation::Ready,
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let earlier: Option<AppState> = scope.own_output()?;
        let now = AppState::read(world).await?;
        no_other_since_preflight(world, &now)?;
        // A crash between turning maintenance on and writing that down leaves it on. Where this
        // attempt never began to, somebody else turned it on.
        let ours = scope.begun("maintenance-on")
            && earlier.as_ref().is_some_and(|earlier| !earlier.maintenance);
        let state = AppState {
            maintenance: now.maintenance && !ours,
            // A run that goes on with an open window makes no preflight: what the one before it
            // accepted stands.
            behind: world
                .accepted
                .or(earlier.as_ref().map(|earlier| earlier.behind))
                .unwrap_or_default(),
            others: world
                .others
                .clone()
                .or(earlier.map(|earlier| earlier.others))
                .unwrap_or_default(),
            expected: world.estimate.clone(),
            ..now
        };
        serde_json::to_value(&state).map_err(|error| {
            StepError::failed("the app's state cannot be written down").because(&error)
        })
    }
}

/// Hours may have gone by since the preflight: tables were copied anew meanwhile.
fn no_other_since_preflight(world: &World, now: &AppState) -> Result<(), StepError> {
    let passed = world.others.as_ref();
    let Some(what) = passed.and_then(|passed| now.others.beyond(passed)) else {
        return Ok(());
    };
    Err(StepError::drifted(format!(
        "another connection came to the old database since this command began: {what}"
    ))
    .hint("the app was not touched; run the same command again, it says what can be done"))
}

/// How the app was before the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppState {
    /// Types, quantities and sizes.
    pub formation: Vec<Process>,
    /// Whether maintenance was on already.
    pub maintenance: bool,
    /// Whether the old connection was paused already.
    pub old_paused: bool,
    /// Whether the new connection was paused already.
    pub new_paused: bool,
    /// What is not in Salesforce and was accepted by the operator before the window.
    pub behind: Behind,
    /// The window that the operator was shown; not in journals of earlier versions.
    #[serde(default)]
    pub expected: Option<Estimate>,
    /// Other connections on the old database that the operator has accepted; not in journals of
    /// earlier versions.
    #[serde(default)]
    pub others: OtherConnections,
    /// The old database's settings that the fence changes.
    pub settings: FenceSettings,
}

/// One process type of the formation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Such as `web`.
    pub process_type: String,
    /// How many dynos.
    pub quantity: u32,
    /// Their size.
    pub size: String,
}

impl AppState {
    /// How the app is now; what stays behind is not looked at.
    pub(super) async fn read(world: &World) -> Result<Self, StepError> {
        let app = &world.subject.app;
        let platform = world.heroku.platform();
        let formation = platform
            .formation(app)
            .await
            .during("reading the formation")?;
        let session = world.old_session(Purpose::ReadOnly).await?;
        let paused = async |side| -> Result<bool, StepError> {
            Ok(world.connection(side).await?.state == ConnectionState::Paused)
        };
        let process = |process: Formation| Process {
            process_type: process.process_type,
            quantity: process.quantity,
            size: process.size,
        };
        Ok(Self {
            formation: formation.into_iter().map(process).collect(),
            maintenance: platform
                .app(app)
                .await
                .during("reading the app")?
                .maintenance,
            old_paused: paused(Side::Old).await?,
            new_paused: paused(Side::New).await?,
            behind: Behind::default(),
            expected: None,
            others: world.others_on_old().await?,
            settings: fence_settings(&session)
                .await
                .during("reading the old database's settings")?,
        })
    }

    /// Formation and maintenance mode, as they are typed to put them back.
    pub(crate) fn words(&self) -> String {
        let formation = self.formation.iter();
        let formation =
            formation.map(|each| format!("{}={}:{}", each.process_type, each.quantity, each.size));
        let maintenance = if self.maintenance { "on" } else { "off" };
        let words = formation.chain([format!("maintenance mode {maintenance}")]);
        words.collect::<Vec<_>>().join(", ")
    }

    /// What differs in another look at the app, in words; nothing where it is as recorded.
    pub(super) fn changed(&self, now: &AppState) -> Option<&'static str> {
        let sorted = |state: &AppState| {
            let mut formation = state.formation.clone();
            formation.sort_by(|a, b| a.process_type.cmp(&b.process_type));
            formation
        };
        if sorted(self) != sorted(now) {
            Some("the formation was changed")
        } else if self.maintenance != now.maintenance {
            Some("maintenance mode was switched")
        } else if self.old_paused != now.old_paused {
            Some("the old connection was paused or resumed")
        } else if self.new_paused != now.new_paused {
            Some("the new connection was paused or resumed")
        } else if self.settings != now.settings {
            Some("the old database's settings were changed")
        } else if now.others.beyond(&self.others).is_some() {
            Some("another connection came to the old database")
        } else {
            None
        }
    }

    /// The updates that put the formation back exactly.
    pub fn restoring(&self) -> Vec<FormationUpdate> {
        self.update(|process| process.quantity)
    }

    /// The updates that stop every process. A release phase still runs with 0 dynos.
    pub fn stopping(&self) -> Vec<FormationUpdate> {
        self.update(|_| 0)
    }

    /// How many dynos the formation keeps, by type.
    pub fn running(&self) -> impl Iterator<Item = &Process> {
        self.formation.iter().filter(|process| process.quantity > 0)
    }

    fn update(&self, quantity: impl Fn(&Process) -> u32) -> Vec<FormationUpdate> {
        let update = |process: &Process| FormationUpdate {
            process_type: process.process_type.clone(),
            quantity: quantity(process),
            size: Some(process.size.clone()),
        };
        self.running().map(update).collect()
    }
}
