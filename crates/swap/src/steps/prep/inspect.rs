//! Looks once more at what is acted on, so that the journal begins with it.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::{Side, World};

/// The read-only first step: account, app, old pair.
pub struct Inspect;

#[async_trait]
impl Step<World> for Inspect {
    fn id(&self) -> &'static str {
        "inspect"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let old = &world.subject.old;
        Description {
            takes: "seconds".into(),
            calls: vec!["GET /account, /apps/APP, /addons, Connect: GET connection".into()],
            ..world.describe(format!(
                "inspect {} and its database {}",
                old.connect.name, old.database.name
            ))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let old = &world.subject.old;
        let account = world
            .heroku
            .platform()
            .account()
            .await
            .during("reading the account")?;
        let connection = world.connection(Side::Old).await?;
        if connection.id != old.connection {
            return Err(StepError::drifted(format!(
                "{} has another connection than when this run began",
                old.connect.name
            )));
        }
        if world
            .addon(&old.database.name)
            .await?
            .is_none_or(|addon| addon.id != old.database.id)
        {
            return Err(StepError::drifted(format!(
                "{} is not there any more",
                old.database.name
            )));
        }
        Ok(json!({
            "account": account.email,
            "connection_state": connection.state.to_string(),
            "mappings": connection.mappings.len(),
            "database": world.old_physical().await?,
        }))
    }
}
