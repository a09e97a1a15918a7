//! Waits for the new database as `heroku pg:wait` does, then proves it with a connection.
//!
//! The Data API answers 404 for a while after the add-on was made (cli:src/commands/pg/wait.ts).

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::data::Readiness;
use connect_swap_heroku::platform::AddonState;
use connect_swap_postgres::{Purpose, server_info};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::World;

/// How long a database may take. The largest plans take well under an hour.
const BOUND: Duration = Duration::from_secs(2 * 3600);
/// How long the Data API may not know a provisioned add-on.
const UNKNOWN_BOUND: Duration = Duration::from_secs(15 * 60);

/// Waits until the new database answers.
pub struct WaitDatabase;

#[async_trait]
impl Step<World> for WaitDatabase {
    fn id(&self) -> &'static str {
        "wait-database"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "minutes".into(),
            calls: vec!["Data API: GET /client/v11/databases/ID/wait_status; SELECT".into()],
            ..world.describe(format!("wait until {} answers", world.subject.new.database))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let name = &world.subject.new.database;
        let way_out = "look at `heroku pg:info`; the same command goes on waiting";
        let wait = world.wait(format!("{name} to be available"), BOUND, way_out);
        let started = scope.clock.now();
        scope.wait_for(&wait, || ready(scope, started)).await?;
        let wait = world.wait(
            format!("{name} to accept connections"),
            UNKNOWN_BOUND,
            way_out,
        );
        let session = scope
            .wait_for(&wait, async || {
                match world.new_session(Purpose::ReadOnly).await {
                    Ok(session) => Ok(Some(session)),
                    Err(error) => {
                        scope.progress(Progress::message(error.to_string()));
                        Ok(None)
                    }
                }
            })
            .await?;
        let server = server_info(&session)
            .await
            .during("reading the new database's version")?;
        let wanted = world.subject.old.major;
        if server.major != wanted {
            return Err(StepError::blocked(format!(
                "{name} runs PostgreSQL {}, the old database {wanted}",
                server.major
            ))
            .hint("Heroku no longer offers the old version: upgrade the old database first"));
        }
        Ok(json!({ "major": server.major, "database": world.new_physical().await? }))
    }
}

async fn ready(
    scope: &Scope<'_, World>,
    started: jiff::Timestamp,
) -> Result<Option<()>, StepError> {
    let addon = scope.world.new_database().await?;
    match addon.state {
        AddonState::Provisioned => {}
        AddonState::Deprovisioned | AddonState::Deprovisioning => {
            return Err(
                StepError::failed(format!("Heroku could not make {}", addon.name))
                    .hint("look at status.heroku.com, then clean up and begin again"),
            );
        }
        _ => {
            scope.progress(Progress::message(format!("add-on {}", addon.state)));
            return Ok(None);
        }
    }
    let status = scope
        .world
        .heroku
        .data()
        .wait_status(&addon.id)
        .await
        .during("asking whether the new database is ready")?;
    match status {
        Readiness::Known(status) if status.error => Err(StepError::failed(format!(
            "{} could not be made: {}",
            addon.name, status.message
        ))),
        Readiness::Known(status) if !status.waiting => Ok(Some(())),
        Readiness::Known(status) => {
            scope.progress(Progress::message(status.message));
            Ok(None)
        }
        Readiness::NotFoundYet => {
            let waited = scope.clock.now().duration_since(started).unsigned_abs();
            if waited > UNKNOWN_BOUND {
                return Err(StepError::failed(format!(
                    "Heroku's Data API does not know {} after {} minutes",
                    addon.name,
                    waited.as_secs() / 60
                )));
            }
            scope.progress(Progress::message("not yet known to the Data API"));
            Ok(None)
        }
    }
}
