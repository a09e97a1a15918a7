//! Puts maintenance mode back as it was: the window closes on the old pair.

use async_trait::async_trait;
use connect_swap_engine::Event;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::cutover::{AppState, Opened};
use crate::trouble::During;
use crate::world::World;

/// Maintenance as it was.
pub struct MaintenanceBack;

#[async_trait]
impl Step<World> for MaintenanceBack {
    fn id(&self) -> &'static str {
        "maintenance-back"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second".into(),
            undo: "heroku maintenance:on".into(),
            calls: vec![format!("PATCH /apps/{}", world.subject.app)],
            ..world.describe(format!(
                "turn maintenance mode off for {}",
                world.subject.app
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        // The length of the window is known once only.
        Ok(match scope.own_output::<Value>()? {
            Some(output) => Observation::Done(output),
            None => Observation::Ready,
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let state: AppState = scope.output("record-state")?;
        let app = &scope.world.subject.app;
        let platform = scope.world.heroku.platform();
        let set = platform.set_maintenance(app, state.maintenance).await;
        set.during("turning maintenance mode off")?;
        let at = scope.clock.now();
        let opened: Opened = scope.output("maintenance-on")?;
        let seconds = at.duration_since(opened.at).as_secs_f64();
        scope.announce(Event::WindowClosed { at, seconds });
        Ok(json!({ "at": at, "downtime_seconds": seconds }))
    }

    fn closes_window(&self) -> bool {
        true
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        vec![format!(
            "heroku maintenance:off -a {}",
            scope.world.subject.app
        )]
    }
}
