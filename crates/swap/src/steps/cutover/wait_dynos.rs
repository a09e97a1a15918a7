//! Waits until no dyno of the formation runs; names what runs beside it.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use std::time::Duration;

use connect_swap_heroku::platform::Dyno;
use connect_swap_postgres::{Purpose, other_sessions};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::World;

/// Waits for the dynos to end.
pub struct WaitDynos;

#[async_trait]
impl Step<World> for WaitDynos {
    fn id(&self) -> &'static str {
        "wait-dynos"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "up to 30 seconds".into(),
            calls: vec![format!("GET /apps/{}/dynos", world.subject.app)],
            ..world.describe("wait until every dyno has stopped")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let wait = world.wait("the dynos to stop", BOUND, "look at `heroku ps`");
        let beside = scope
            .wait_for(&wait, async || {
                let app = &world.subject.app;
                let dynos = world
                    .heroku
                    .platform()
                    .dynos(app)
                    .await
                    .during("reading the dynos")?;
                let (beside, ours): (Vec<Dyno>, Vec<Dyno>) = dynos
                    .into_iter()
                    .partition(|dyno| is_beside(&dyno.process_type));
                let names: Vec<_> = ours.iter().map(|dyno| dyno.name.as_str()).collect();
                if names.is_empty() {
                    return Ok(Some(beside));
                }
                scope.progress(Progress::message(names.join(", ")));
                Ok(None)
            })
            .await?;
        let names: Vec<String> = beside.iter().map(|dyno| dyno.name.clone()).collect();
        if !names.is_empty() {
            scope.notice(
                Level::Warning,
                format!(
                    "still running, and cut off by the fence: {}",
                    names.join(", ")
                ),
            );
        }
        let session = world.old_session(Purpose::ReadOnly).await?;
        let sessions = other_sessions(&session)
            .await
            .during("reading the database's sessions")?;
        let sessions: Vec<String> = sessions.iter().map(ToString::to_string).collect();
        Ok(json!({ "one_off_dynos": names, "sessions": sessions }))
    }
}

/// A dyno gets 30 seconds to end before it is killed (devcenter dynos); listing may lag.
const BOUND: Duration = Duration::from_secs(5 * 60);

/// One-off dynos are in no formation: they outlive scaling and maintenance.
pub(super) fn is_beside(process_type: &str) -> bool {
    matches!(process_type, "run" | "scheduler" | "release")
}
