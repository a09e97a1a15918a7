//! Gives the new connection its mappings: one import of the edited file.
//!
//! This stands for the article's import, abort, edit and reload: an export may be edited before
//! it is imported (Connect CLI plugin README), so no mapping loads twice. Where mappings are there
//! already (a resumed run, or somebody was there), they are brought to the wanted configuration.

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::connect::{Connection, ConnectionState};
use serde_json::{Value, json};

use crate::configuration::{Document, MappingView, compare};
use crate::steps::shared::configuration::{exported, wanted};
use crate::trouble::During;
use crate::world::{Side, World};

/// How long an import may take until every mapping shows.
const BOUND: Duration = Duration::from_secs(30 * 60);

/// Imports the edited configuration.
pub struct ImportConfiguration;

#[async_trait]
impl Step<World> for ImportConfiguration {
    fn id(&self) -> &'static str {
        "import-configuration"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "Connect begins to load every mapped object: Salesforce sees the queries".into(),
            ],
            takes: "a minute; the loading goes on afterwards".into(),
            undo: "it goes with the add-on".into(),
            calls: vec!["Connect: POST actions/import".into()],
            ..world.describe(format!(
                "import the edited configuration into {}",
                world.subject.new.connect
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let connection = world.connection(Side::New).await?;
        if connection.mappings.is_empty() {
            return Ok(Observation::Ready);
        }
        let differences = compare(&wanted(world)?, &exported(world, &connection).await?);
        let done = differences.is_empty();
        Ok(if done {
            Observation::Done(output(&connection))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let wanted = wanted(world)?;
        let connection = settled(scope).await?;
        if connection.mappings.is_empty() {
            let text = &world.subject.wanted.edited;
            let imported = world.heroku.connect().import(&connection, text).await;
            // A lost answer is settled below: either the mappings appear or they do not.
            if let Err(error) = imported
                && error.is_without_effect()
            {
                return Err(error).during("importing the configuration");
            }
        } else {
            for mapping in wanted.mappings() {
                bring(world, &connection, mapping).await?;
            }
        }
        let wait = world.wait(
            "every mapping to appear",
            BOUND,
            "look at the connection in the dashboard; the same command goes on",
        );
        let connection = scope
            .wait_for(&wait, async || {
                let now = world.connection(Side::New).await?;
                let there = wanted.mappings().iter();
                let there = there.filter(|m| now.mapping(&m.object).is_some()).count();
                scope.progress(Progress {
                    message: now.state.to_string(),
                    done: u64::try_from(there).ok(),
                    total: u64::try_from(wanted.mappings().len()).ok(),
                    unit: Some("mappings".into()),
                    eta_seconds: None,
                });
                if now.state.is_error() {
                    return Err(StepError::failed(format!(
                        "the new connection is in state {} after the import",
                        now.state
                    )));
                }
                let complete = there == wanted.mappings().len()
                    && now.state != ConnectionState::ImportConfiguration;
                Ok(complete.then_some(now))
            })
            .await?;
        Ok(output(&connection))
    }
}

/// The new connection once it is not in the middle of an import that an earlier run began.
async fn settled(scope: &Scope<'_, World>) -> Result<Connection, StepError> {
    let world = scope.world;
    let wait = world.wait(
        "an import that is under way",
        BOUND,
        "the same command goes on",
    );
    scope
        .wait_for(&wait, async || {
            let now = world.connection(Side::New).await?;
            scope.progress(Progress::message(now.state.to_string()));
            Ok((now.state != ConnectionState::ImportConfiguration).then_some(now))
        })
        .await
}

/// Brings one mapping of a connection that has mappings already to the wanted configuration.
async fn bring(
    world: &World,
    connection: &Connection,
    wanted: &MappingView,
) -> Result<(), StepError> {
    let client = world.heroku.connect();
    let config = Value::Object(wanted.config.clone());
    let what = format!("setting the mapping of {}", wanted.object);
    let Some(found) = connection.mapping(&wanted.object) else {
        return client
            .create_mapping(connection, &wanted.object, &config)
            .await
            .during(&what)
            .map(drop);
    };
    if same(wanted, &found.object_name, &found.config)? {
        return Ok(());
    }
    let mut config = wanted.config.clone();
    if let Some(revision) = found.revision() {
        config.insert("revision".into(), revision.clone());
    }
    client
        .update_mapping(connection, &found.id, &Value::Object(config))
        .await
        .during(&what)?;
    let what = format!("reloading the mapping of {}", wanted.object);
    client
        .reload_mapping(connection, &found.id)
        .await
        .during(&what)
}

fn same(wanted: &MappingView, object: &str, config: &Value) -> Result<bool, StepError> {
    let one = |object: &str, config: &Value| {
        let text = json!({
            "version": 1,
            "mappings": [{ "object_name": object, "config": config }],
        });
        Document::parse(text.to_string()).map_err(|error| {
            StepError::failed(format!("the mapping of {object} cannot be read")).because(&error)
        })
    };
    let wanted = one(&wanted.object, &Value::Object(wanted.config.clone()))?;
    Ok(compare(&wanted, &one(object, config)?).is_empty())
}

fn output(connection: &Connection) -> Value {
    let mappings = connection
        .mappings
        .iter()
        .map(|m| json!({ "id": m.id, "object": m.object_name }));
    json!({ "mappings": mappings.collect::<Vec<_>>() })
}
