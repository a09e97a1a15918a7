//! Makes the old database `DATABASE` again.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{Purpose, is_fenced};
use serde_json::{Value, json};

use crate::steps::cutover::hold_database;
use crate::steps::shared::releases::Moved;
use crate::trouble::During;
use crate::world::World;

/// Moves the attachment DATABASE back.
pub struct PromoteOld;

#[async_trait]
impl Step<World> for PromoteOld {
    fn id(&self) -> &'static str {
        "promote-old"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            undo: "another cutover".into(),
            calls: vec!["POST /addon-attachments (name DATABASE)".into()],
            ..world.describe(format!(
                "promote {} again: DATABASE_URL becomes its address",
                world.subject.old.database.name
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let Some(holder) = world.database_holder().await? else {
            return Ok(Observation::Ready);
        };
        if holder == world.subject.old.database.id {
            return Ok(Observation::Done(json!({})));
        }
        let new = world.new_database().await?;
        Ok(if holder == new.id {
            Observation::Ready
        } else {
            Observation::Drifted("somebody promoted a third database since the switch".into())
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        if world.database_holder().await?.is_some() {
            still_fenced(world).await?;
        }
        let moved = Moved::about_to(world).await?;
        hold_database(world, &world.subject.old.database.name).await?;
        Ok(json!(moved))
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        match self.observe(scope).await? {
            Observation::Done(_) => Ok(()),
            _ => Err(StepError::failed("DATABASE is not the old database")),
        }
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let (app, old) = (
            &scope.world.subject.app,
            &scope.world.subject.old.database.name,
        );
        vec![format!("heroku pg:promote {old} -a {app}")]
    }
}

/// That nobody has written to the new database was proven behind its fence.
async fn still_fenced(world: &World) -> Result<(), StepError> {
    let session = world.new_session(Purpose::ReadOnly).await?;
    match is_fenced(&session)
        .await
        .during("looking at the new database")?
    {
        true => Ok(()),
        false => Err(StepError::drifted(
            "somebody made the new database accept writes again, and may have written to it",
        )
        .hint("find out who, then run the same command")),
    }
}
