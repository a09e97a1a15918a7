//! Points the new connection at `DATABASE_URL`, which is now the new database, and lets it run.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use std::time::Duration;

use connect_swap_heroku::connect::{Connection, ConnectionState};
use serde_json::{Value, json};

use crate::steps::shared::{polling, repointing};
use crate::trouble::During;
use crate::world::{Side, World, state_words, target};

/// Repoints the new connection.
pub struct RepointNew;

#[async_trait]
impl Step<World> for RepointNew {
    fn id(&self) -> &'static str {
        "repoint-new"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds to minutes".into(),
            undo: "heroku connect:swap:rollback".into(),
            calls: vec![
                "Connect: PATCH connection (db_key), POST actions/resume where needed".into(),
            ],
            ..world.describe(format!(
                "point {} at DATABASE_URL and let it run",
                world.subject.new.connect
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let connection = scope.world.connection(Side::New).await?;
        let done = connection
            .db_key
            .as_ref()
            .is_some_and(|key| *key == "DATABASE_URL")
            && target(&connection) == Some(scope.world.new_physical().await?)
            && runs(&connection);
        Ok(if done {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        // The two connections never run against one database: the old one must be away first.
        repointing::assert_target(scope, Side::Old).await?;
        if world.database_holder().await?.as_ref() != Some(&world.new_database().await?.id) {
            return Err(StepError::drifted(
                "DATABASE is not the new database any more: somebody promoted another one",
            )
            .hint("find out who; nothing was pointed at it"));
        }
        let polled_before = polling::latest(&world.connection(Side::New).await?);
        repointing::repoint(scope, Side::New, "DATABASE_URL").await?;
        let wait = world.wait(
            "the new connection to run",
            BOUND,
            "look at the connection in the dashboard; the same command goes on",
        );
        let connection = scope
            .wait_for(&wait, async || {
                let now = world.connection(Side::New).await?;
                scope.progress(Progress::message(state_words(&now)));
                if runs(&now) {
                    return Ok(Some(now));
                }
                if now.state == ConnectionState::Paused {
                    let resumed = world.heroku.connect().resume(&now).await;
                    resumed.during("resuming the new connection")?;
                } else if now.state.is_error() {
                    let restarted = world.heroku.connect().restart(&now).await;
                    restarted.during("restarting the new connection")?;
                }
                Ok(None)
            })
            .await?;
        repointing::assert_target(scope, Side::New).await?;
        Ok(json!({ "state": connection.state.to_string(), "polled_before": polled_before }))
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        repointing::assert_target(scope, Side::New).await?;
        repointing::assert_target(scope, Side::Old).await
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let (app, addon) = (
            &scope.world.subject.app,
            scope.world.connect_addon(Side::New),
        );
        vec![
            format!(
                "heroku connect:db:set -a {app} --resource {addon} --db DATABASE_URL --schema {}",
                scope.world.schema()
            ),
            format!("heroku connect:resume -a {app} --resource {addon}"),
            format!("heroku connect:swap:cutover -a {app}   # goes on from here"),
        ]
    }
}

/// A change of database may make Connect look at every table; it must not take longer than this.
const BOUND: Duration = Duration::from_secs(20 * 60);

/// Runs, and no mapping loads anew: a table that is loading is not complete.
fn runs(connection: &Connection) -> bool {
    connection.state.is_ok()
        && connection
            .mappings
            .iter()
            .all(|mapping| mapping.state.is_loaded() || mapping.state.is_incremental())
}
