//! Turns maintenance mode off, unless it was on before: the window closes.

use async_trait::async_trait;
use connect_swap_engine::Event;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::{AppState, Opened};
use crate::trouble::During;
use crate::world::World;

/// Maintenance as it was.
pub struct MaintenanceOff;

#[async_trait]
impl Step<World> for MaintenanceOff {
    fn id(&self) -> &'static str {
        "maintenance-off"
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
            calls: vec![format!(
                "PATCH /apps/{} {{maintenance: false}}",
                world.subject.app
            )],
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
        let world = scope.world;
        let state: AppState = scope.output("record-state")?;
        let app = &world.subject.app;
        world
            .heroku
            .platform()
            .set_maintenance(app, state.maintenance)
            .await
            .during("turning maintenance mode off")?;
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
