//! Points the new connection at the new database.
//!
//! A failed set-up leaves a connection in NEW without any error (Connect CLI plugin issue 92), so
//! the state is read again and must have moved on.

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::ConfigVarName;
use connect_swap_heroku::connect::{Connection, ConnectionState};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::{Side, World, target};

/// How long the new config var may take to be selectable, and the state to move on.
const BOUND: Duration = Duration::from_secs(10 * 60);

/// Sets database and schema of the new connection.
pub struct ConnectDatabase;

#[async_trait]
impl Step<World> for ConnectDatabase {
    fn id(&self) -> &'static str {
        "connect-database"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let new = &world.subject.new;
        Description {
            takes: "seconds".into(),
            undo: "it goes with the add-on".into(),
            calls: vec![format!(
                "Connect: PATCH connection (db_key {}, schema_name {})",
                new.config_var(),
                world.schema()
            )],
            ..world.describe(format!(
                "point {} at {}, schema {}",
                new.connect,
                new.config_var(),
                world.schema()
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let connection = scope.world.connection(Side::New).await?;
        if is_set(scope.world, &connection).await? {
            return Ok(Observation::Done(
                json!({ "state": connection.state.to_string() }),
            ));
        }
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let connection = world.connection(Side::New).await?;
        let wanted = world.subject.new.config_var();
        let key = ConfigVarName::try_from(wanted.as_str()).map_err(|error| {
            StepError::failed("the new database's config var has no usable name").because(&error)
        })?;
        let way_out = "look at the connection in the dashboard; the same command goes on";
        let wait = world.wait(format!("Connect to know {wanted}"), BOUND, way_out);
        scope
            .wait_for(&wait, async || {
                let app = &world.subject.app;
                let keys = world.heroku.connect().db_keys(&connection, app).await;
                let keys = keys.during("reading the databases Connect knows")?;
                let known = keys.iter().any(|known| known.name == key);
                if !known {
                    scope.progress(Progress::message("not known yet"));
                }
                Ok(known.then_some(()))
            })
            .await?;
        world
            .heroku
            .connect()
            .set_database(&connection, &key, world.schema())
            .await
            .during("setting the new connection's database")?;
        let wait = world.wait("the new connection to take its database", BOUND, way_out);
        let connection = scope
            .wait_for(&wait, async || {
                let now = world.reread(&connection).await?;
                scope.progress(Progress::message(now.state.to_string()));
                Ok(is_set(world, &now).await?.then_some(now))
            })
            .await?;
        Ok(json!({ "state": connection.state.to_string() }))
    }
}

/// Whether the connection has taken the new database: by Connect's own word for the physical one.
async fn is_set(world: &World, connection: &Connection) -> Result<bool, StepError> {
    if connection.state == ConnectionState::New
        || connection.schema_name.as_deref() != Some(world.schema())
    {
        return Ok(false);
    }
    match target(connection) {
        Some(physical) => Ok(physical == world.new_physical().await?),
        None => Ok(connection
            .db_key
            .as_ref()
            .is_some_and(|key| key.as_str() == world.subject.new.config_var())),
    }
}
