//! Gives this user access to the new Connect add-on: before that its connection is invisible.

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::platform::AddonState;
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::{Side, World};

/// How long the add-on may take to be made and to appear.
const BOUND: Duration = Duration::from_secs(30 * 60);

/// Links the user and finds the connection.
pub struct LinkConnect;

#[async_trait]
impl Step<World> for LinkConnect {
    fn id(&self) -> &'static str {
        "link-connect"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a minute".into(),
            undo: "it goes with the add-on".into(),
            calls: vec![format!("Connect: POST /auth/{}", world.subject.app)],
            ..world.describe(format!("get access to {}", world.subject.new.connect))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let found = scope.world.find_connection(Side::New).await?;
        Ok(found.map_or(Observation::Ready, |connection| {
            Observation::Done(json!({ "connection": connection.id }))
        }))
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let name = &world.subject.new.connect;
        let way_out = "look at `heroku addons`; the same command goes on";
        let wait = world.wait(format!("{name} to be made"), BOUND, way_out);
        scope.wait_for(&wait, || provisioned(scope)).await?;
        let app = &world.subject.app;
        world
            .heroku
            .connect()
            .grant_access(app)
            .await
            .during("asking Connect for access")?;
        let wait = world.wait(format!("Connect to show {name}"), BOUND, way_out);
        let connection = scope
            .wait_for(&wait, async || {
                let found = world.find_connection(Side::New).await?;
                if found.is_none() {
                    scope.progress(Progress::message("not shown yet"));
                }
                Ok(found)
            })
            .await?;
        Ok(json!({ "connection": connection.id }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // Access goes with the add-on; there is no call that takes it back.
        Ok(())
    }
}

async fn provisioned(scope: &Scope<'_, World>) -> Result<Option<()>, StepError> {
    let name = &scope.world.subject.new.connect;
    let addon = scope
        .world
        .addon(name)
        .await?
        .ok_or_else(|| StepError::drifted(format!("{name} was destroyed")))?;
    match addon.state {
        AddonState::Provisioned => Ok(Some(())),
        AddonState::Deprovisioned | AddonState::Deprovisioning => {
            Err(StepError::failed(format!("Heroku could not make {name}")))
        }
        other => {
            scope.progress(Progress::message(format!("add-on {other}")));
            Ok(None)
        }
    }
}
