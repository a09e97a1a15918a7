//! Points the old connection at the old database's own config var, and pauses it again.
//!
//! The help article says that setting the database un-pauses a connection; nothing else confirms
//! it, so the state is read and both cases are handled. The physical database decides, not the
//! config var's name.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::repointing;
use crate::world::{DATABASE, Side, World, target};

/// Repoints the old connection.
pub struct RepointOld;

#[async_trait]
impl Step<World> for RepointOld {
    fn id(&self) -> &'static str {
        "repoint-old"
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
            calls: vec!["Connect: PATCH connection (db_key), POST actions/pause".into()],
            ..world.describe(format!(
                "point {} at the old database's own config var and pause it again",
                world.subject.old.connect.name
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let connection = world.connection(Side::Old).await?;
        let moved = connection
            .db_key
            .as_ref()
            .is_some_and(|key| *key != *format!("{DATABASE}_URL"));
        let there = target(&connection) == Some(world.old_physical().await?);
        let done = moved && there && repointing::is_at_rest(&connection);
        Ok(if done {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let key = world.old_config_var().await?;
        repointing::repoint(scope, Side::Old, &key).await?;
        let state = repointing::rest(scope, Side::Old).await?;
        repointing::assert_target(scope, Side::Old).await?;
        Ok(json!({ "db_key": key, "state": state }))
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        repointing::assert_target(scope, Side::Old).await
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let (app, addon) = (
            &scope.world.subject.app,
            scope.world.connect_addon(Side::Old),
        );
        vec![
            format!(
                "heroku addons -a {app}   # find {}'s own config var: NAME_URL",
                scope.world.subject.old.database.name
            ),
            format!(
                "heroku connect:db:set -a {app} --resource {addon} --db NAME_URL --schema {}",
                scope.world.schema()
            ),
            format!("heroku connect:pause -a {app} --resource {addon}"),
            format!("heroku connect:swap:cutover -a {app}   # goes on from here"),
        ]
    }
}
