//! Points the old connection at its config var of before, and lets it run if it ran before.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::cutover::AppState;
use crate::steps::shared::{pausing, repointing};
use crate::world::{Side, World, target};

/// The old connection as it was.
pub struct ResumeOld;

#[async_trait]
impl Step<World> for ResumeOld {
    fn id(&self) -> &'static str {
        "resume-old"
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
            calls: vec!["Connect: PATCH connection (db_key), POST actions/resume".into()],
            ..world.describe(format!(
                "point {} at {} again, running as before",
                world.subject.old.connect.name, world.subject.old.db_key
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let connection = world.connection(Side::Old).await?;
        let done = connection
            .db_key
            .as_ref()
            .is_some_and(|key| *key == *world.subject.old.db_key)
            && target(&connection) == Some(world.old_physical().await?)
            && match was_paused(scope)? {
                true => repointing::is_at_rest(&connection),
                false => connection.state.is_ok(),
            };
        Ok(if done {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let key = scope.world.subject.old.db_key.clone();
        repointing::repoint(scope, Side::Old, &key).await?;
        repointing::assert_target(scope, Side::Old).await?;
        // A change of database may let a paused connection run.
        if was_paused(scope)? {
            repointing::rest(scope, Side::Old).await?;
        } else {
            pausing::resume(scope, Side::Old).await?;
        }
        Ok(json!({ "db_key": key }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let world = scope.world;
        let (app, addon) = (&world.subject.app, world.connect_addon(Side::Old));
        let set = format!(
            "heroku connect:db:set -a {app} --resource {addon} --db {} --schema {}",
            world.subject.old.db_key,
            world.schema()
        );
        match was_paused(scope) {
            Ok(true) => vec![
                set,
                format!("heroku connect:pause -a {app} --resource {addon}"),
            ],
            _ => vec![set, pausing::resume_by_hand(world, Side::Old)],
        }
    }
}

/// Whether it was paused before the window already.
fn was_paused(scope: &Scope<'_, World>) -> Result<bool, StepError> {
    Ok(scope.output::<AppState>("record-state")?.old_paused)
}
