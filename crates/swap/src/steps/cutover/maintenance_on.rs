//! Turns maintenance mode on: the window opens.

use async_trait::async_trait;
use connect_swap_engine::Event;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::AppState;
use super::moment::await_moment;
use crate::downtime::Estimate;
use crate::trouble::During;
use crate::world::World;

/// Maintenance mode on.
pub struct MaintenanceOn;

#[async_trait]
impl Step<World> for MaintenanceOn {
    fn id(&self) -> &'static str {
        "maintenance-on"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "users get the maintenance page until the end of the window".into(),
                world.estimate.as_ref().map_or_else(
                    || "the length of the window could not be estimated".into(),
                    Estimate::in_words,
                ),
                "it begins once you agree, shortly before the new connection's next poll of Salesforce where \
                 that makes it shorter: mostly within 10 minutes, in which the app runs on"
                    .into(),
            ],
            takes: "a second".into(),
            undo: "maintenance goes back as it was".into(),
            calls: vec![format!(
                "PATCH /apps/{} {{maintenance: true}}",
                world.subject.app
            )],
            ..world.describe(format!(
                "turn maintenance mode on for {}",
                world.subject.app
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // When it opened is known only from this attempt's own output.
        let Some(opened) = scope.own_output::<Opened>()? else {
            return Ok(Observation::Ready);
        };
        let app = &scope.world.subject.app;
        let on = scope
            .world
            .heroku
            .platform()
            .app(app)
            .await
            .during("reading the app")?
            .maintenance;
        if !on {
            return Ok(Observation::Drifted(
                "somebody turned maintenance mode off in the middle of the window".into(),
            ));
        }
        Ok(Observation::Done(output(opened.at)?))
    }

    async fn recheck(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        unchanged(scope).await?;
        // A try that was cut off may have turned users away already.
        if scope.begun(self.id()) {
            return Ok(());
        }
        await_moment(scope).await?;
        unchanged(scope).await
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let at = scope.clock.now();
        let app = &world.subject.app;
        world
            .heroku
            .platform()
            .set_maintenance(app, true)
            .await
            .during("turning maintenance mode on")?;
        let expected = world.estimate.as_ref().map(Estimate::range);
        scope.announce(Event::WindowOpened { at, expected });
        output(at)
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let app = &scope.world.subject.app;
        let now = scope
            .world
            .heroku
            .platform()
            .app(app)
            .await
            .during("reading the app")?;
        if now.maintenance {
            return Ok(());
        }
        Err(StepError::failed("maintenance mode is still off"))
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let world = scope.world;
        let before: Option<AppState> = scope.outputs.find("record-state")?;
        let on = before.is_some_and(|state| state.maintenance);
        let app = &world.subject.app;
        world
            .heroku
            .platform()
            .set_maintenance(app, on)
            .await
            .during("putting maintenance mode back")?;
        if let Some(opened) = scope.own_output::<Opened>()? {
            let at = scope.clock.now();
            let seconds = at.duration_since(opened.at).as_secs_f64();
            scope.announce(Event::WindowClosed { at, seconds });
        }
        Ok(())
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        vec![format!(
            "heroku maintenance:off -a {}",
            scope.world.subject.app
        )]
    }
}

/// The app is as record-state found it: going back would undo what somebody else did since.
async fn unchanged(scope: &Scope<'_, World>) -> Result<(), StepError> {
    let recorded: AppState = scope.output("record-state")?;
    let mut now = AppState::read(scope.world).await?;
    // A try that was cut off may have turned it on; record-state has told that apart.
    if scope.begun("maintenance-on") {
        now.maintenance = recorded.maintenance;
    }
    match recorded.changed(&now) {
        None => Ok(()),
        Some(what) => Err(StepError::drifted(format!(
            "{what} while the window waited to be opened: going back would undo that"
        ))
        .hint("nothing was changed; run the same command again, it looks anew")),
    }
}

/// When the window opened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Opened {
    /// The moment before maintenance mode was turned on.
    pub at: Timestamp,
}

fn output(at: Timestamp) -> Result<Value, StepError> {
    serde_json::to_value(Opened { at }).map_err(|error| {
        StepError::failed("the window's beginning cannot be written down").because(&error)
    })
}
