//! Destroys an add-on, after its name was typed.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_heroku::AddonName;
use connect_swap_heroku::platform::AddonState;
use serde_json::{Value, json};

use super::check_unused::still_unused;
use crate::trouble::During;
use crate::world::{Side, World};

/// Destroys the Connect add-on of a side.
pub struct DestroyConnect(pub Side);

/// Destroys the Postgres add-on of a side.
pub struct DestroyDatabase(pub Side);

#[async_trait]
impl Step<World> for DestroyConnect {
    fn id(&self) -> &'static str {
        "destroy-connect"
    }

    fn effect(&self) -> Effect {
        Effect::Destructive
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let gone = "its mappings and their state are gone; Salesforce is not touched";
        describe(world, world.connect_addon(self.0), gone)
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        observe(scope.world, scope.world.connect_addon(self.0)).await
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        still_unused(scope, self.0).await?;
        destroy(scope.world, scope.world.connect_addon(self.0)).await
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        by_hand(scope.world, scope.world.connect_addon(self.0))
    }
}

#[async_trait]
impl Step<World> for DestroyDatabase {
    fn id(&self) -> &'static str {
        "destroy-database"
    }

    fn effect(&self) -> Effect {
        Effect::Destructive
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let gone = "every row in it is gone, with its backups";
        describe(world, world.database_addon(self.0), gone)
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        observe(scope.world, scope.world.database_addon(self.0)).await
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        still_unused(scope, self.0).await?;
        destroy(scope.world, scope.world.database_addon(self.0)).await
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        by_hand(scope.world, scope.world.database_addon(self.0))
    }
}

fn describe(world: &World, addon: &AddonName, gone: &str) -> Description {
    Description {
        consequences: vec![
            gone.into(),
            "a new release: the app's dynos restart once".into(),
        ],
        takes: "seconds".into(),
        undo: "none".into(),
        calls: vec![format!("DELETE /apps/{}/addons/{addon}", world.subject.app)],
        confirm_with: addon.to_string(),
        ..world.describe(format!("destroy {addon}"))
    }
}

async fn observe(world: &World, addon: &AddonName) -> Result<Observation, StepError> {
    let there = world.addon(addon).await?.filter(|addon| {
        !matches!(
            addon.state,
            AddonState::Deprovisioned | AddonState::Deprovisioning
        )
    });
    Ok(match there {
        Some(_) => Observation::Ready,
        None => Observation::Done(json!({ "destroyed": addon })),
    })
}

async fn destroy(world: &World, name: &AddonName) -> Result<Value, StepError> {
    if let Some(addon) = world.addon(name).await? {
        let platform = world.heroku.platform();
        let destroyed = platform
            .destroy_addon(&world.subject.app_id, &addon.id)
            .await;
        destroyed.during(&format!("destroying {name}"))?;
    }
    Ok(json!({ "destroyed": name }))
}

fn by_hand(world: &World, addon: &AddonName) -> Vec<String> {
    vec![format!(
        "heroku addons:destroy {addon} -a {}",
        world.subject.app
    )]
}
