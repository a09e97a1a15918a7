//! Takes away the attachment that prep gave the old database, which stays.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_heroku::platform::Attachment;
use serde_json::{Value, json};

use crate::topology::attachments_of;
use crate::trouble::During;
use crate::world::{DATABASE, World};

/// What [`SecondAttachment`](crate::steps::prep::SecondAttachment) has made.
pub struct DetachSecond;

#[async_trait]
impl Step<World> for DetachSecond {
    fn id(&self) -> &'static str {
        "detach-second"
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
            undo: "heroku addons:attach".into(),
            calls: vec!["DELETE /addon-attachments/{id}".into()],
            ..world.describe(format!("take away the attachment that prep gave {old}"))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(match made(scope).await? {
            Some(_) => Observation::Ready,
            None => Observation::Done(json!({ "detached": false })),
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let Some(attachment) = made(scope).await? else {
            return Ok(json!({ "detached": false }));
        };
        scope
            .world
            .heroku
            .platform()
            .detach(&attachment.id)
            .await
            .during("detaching what prep had attached")?;
        Ok(json!({ "detached": attachment.name }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        Ok(())
    }
}

/// The attachment, where prep made it, it is still there, and the database has another one.
async fn made(scope: &Scope<'_, World>) -> Result<Option<Attachment>, StepError> {
    let by_prep = scope.outputs.raw("second-attachment");
    let Some(name) = by_prep.filter(|output| output["made"] == true) else {
        return Ok(None);
    };
    let world = scope.world;
    let attachments = world.attachments().await?;
    let of_old = || attachments_of(&attachments, &world.subject.old.database.id);
    if !of_old().any(|attachment| attachment.name == *DATABASE) {
        return Ok(None);
    }
    let found = of_old().find(|attachment| name["attachment"] == attachment.name.as_str());
    Ok(found.cloned())
}
