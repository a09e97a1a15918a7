//! Makes sure the old database stays reachable once `DATABASE` moves.
//!
//! `heroku pg:promote` makes such an attachment itself (cli:src/commands/pg/promote.ts), in the
//! window; each one is a release and a restart, so it is made now.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::topology::attachments_of;
use crate::trouble::During;
use crate::world::{DATABASE, World};

/// Gives the old database an attachment besides `DATABASE`.
pub struct SecondAttachment;

#[async_trait]
impl Step<World> for SecondAttachment {
    fn id(&self) -> &'static str {
        "second-attachment"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let old = &world.subject.old.database.name;
        Description {
            consequences: vec!["a new release: the app's dynos restart once".into()],
            takes: "seconds".into(),
            undo: "heroku addons:detach".into(),
            calls: vec![format!(
                "POST /addon-attachments (add-on {old}, name chosen by Heroku)"
            )],
            ..world.describe(format!("give {old} an attachment besides DATABASE"))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let attachments = world.attachments().await?;
        let other = attachments_of(&attachments, &world.subject.old.database.id)
            .find(|attachment| attachment.name != *DATABASE);
        Ok(other.map_or(Observation::Ready, |attachment| {
            Observation::Done(json!({ "attachment": attachment.name, "made": false }))
        }))
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        if let Observation::Done(output) = self.observe(scope).await? {
            return Ok(output);
        }
        let world = scope.world;
        let made = world
            .heroku
            .platform()
            .attach(
                &world.subject.app,
                &world.subject.old.database.name,
                None,
                None,
                true,
            )
            .await
            .during("attaching the old database a second time")?;
        Ok(json!({ "attachment": made.name, "made": true }))
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        scope.world.old_config_var().await.map(drop)
    }
}
