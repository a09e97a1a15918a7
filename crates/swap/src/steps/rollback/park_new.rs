//! Points the new connection away from `DATABASE_URL` before that becomes the old database again.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use super::back::app_is_up;
use crate::steps::shared::repointing;
use crate::world::{Side, World, target};

/// New connection back on its own config var, paused.
pub struct ParkNew;

#[async_trait]
impl Step<World> for ParkNew {
    fn id(&self) -> &'static str {
        "park-new"
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
            undo: "another cutover".into(),
            calls: vec!["Connect: PATCH connection (db_key), POST actions/pause".into()],
            ..world.describe(format!(
                "point {} at {} and pause it",
                world.subject.new.connect,
                world.subject.new.config_var()
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let connection = world.connection(Side::New).await?;
        let own = world.subject.new.config_var();
        let done = connection.db_key.as_ref().is_some_and(|key| *key == *own)
            && target(&connection) == Some(world.new_physical().await?)
            && (repointing::is_at_rest(&connection) || app_is_up(scope));
        Ok(if done {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let key = scope.world.subject.new.config_var();
        repointing::repoint(scope, Side::New, &key).await?;
        let state = repointing::rest(scope, Side::New).await?;
        repointing::assert_target(scope, Side::New).await?;
        Ok(json!({ "state": state }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let (app, addon) = (
            &scope.world.subject.app,
            scope.world.connect_addon(Side::New),
        );
        vec![
            format!(
                "heroku connect:db:set -a {app} --resource {addon} --db {} --schema {}",
                scope.world.subject.new.config_var(),
                scope.world.schema()
            ),
            format!("heroku connect:pause -a {app} --resource {addon}"),
            format!("heroku connect:swap:rollback -a {app}   # goes on from here"),
        ]
    }
}
