//! Follows the releases of the promotion to their end: a failed release phase is a failure.
//!
//! `heroku pg:promote` prints it and ends with 0 all the same (cli:src/commands/pg/promote.ts).

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use std::time::Duration;

use connect_swap_heroku::platform::{Release, ReleaseStatus};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::World;

/// Waits for the release phase.
pub struct ReleasePhase;

#[async_trait]
impl Step<World> for ReleasePhase {
    fn id(&self) -> &'static str {
        "release-phase"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "as long as your release phase takes".into(),
            calls: vec![format!("GET /apps/{}/releases", world.subject.app)],
            ..world.describe("follow the release phase to its end")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let app = &world.subject.app;
        let wait = world.wait(
            "the release phase to end",
            BOUND,
            "look at `heroku releases:output`; the same command goes on",
        );
        let release = scope
            .wait_for(&wait, async || {
                let releases = world.heroku.platform().releases(app, 15).await;
                let releases = releases.during("reading the releases")?;
                let Some(newest) = releases.first() else {
                    return Err(StepError::failed("the app has no release"));
                };
                let pending = releases.iter().any(|r| r.status == ReleaseStatus::Pending);
                scope.progress(Progress::message(format!(
                    "v{}: {}",
                    newest.version, newest.status
                )));
                if pending {
                    Ok(None)
                } else {
                    outcome(app.as_str(), newest, &releases).map(Some)
                }
            })
            .await?;
        Ok(json!({ "version": release.version, "description": release.description }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let app = &scope.world.subject.app;
        vec![
            format!("heroku releases -a {app}"),
            format!("heroku releases:output -a {app}   # why it failed"),
            format!("heroku releases:retry -a {app}   # once that is mended"),
            format!("heroku connect:swap:cutover -a {app}   # goes on from here"),
            format!("heroku connect:swap:rollback -a {app}   # or goes back to the old pair"),
        ]
    }
}

/// A release phase is the customer's own code; an hour is Heroku's limit for it.
const BOUND: Duration = Duration::from_secs(3600);

fn outcome(app: &str, newest: &Release, releases: &[Release]) -> Result<Release, StepError> {
    // The promotion's own release decides, unless a person has made a later one that succeeded.
    let succeeded = newest.status == ReleaseStatus::Succeeded;
    let attach = releases
        .iter()
        .find(|r| r.description.starts_with("Attach DATABASE ("));
    match attach {
        _ if succeeded => Ok(newest.clone()),
        Some(attach) if attach.status == ReleaseStatus::Succeeded => Ok(attach.clone()),
        _ => Err(StepError::failed(format!(
            "release v{} ({}) {}",
            newest.version, newest.description, newest.status
        ))
        .hint(format!("heroku releases:output -a {app}"))),
    }
}
