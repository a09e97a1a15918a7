//! Opens the journal in the old database: from here on any machine can go on with this run.

use std::sync::Arc;

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::Purpose;
use serde_json::{Value, json};

use crate::journal::{FORMAT, PgJournal, create_schema};
use crate::trouble::During;
use crate::world::World;

/// Creates schema `connect_swap` and the run's row.
pub struct OpenJournal;

#[async_trait]
impl Step<World> for OpenJournal {
    fn id(&self) -> &'static str {
        "open-journal"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            undo: "cleanup takes the schema away".into(),
            calls: vec!["CREATE SCHEMA connect_swap with two small tables".into()],
            ..world.describe(format!(
                "open the journal in {} (schema connect_swap)",
                world.subject.old.database.name
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let opened = scope.world.journal.journal().await.is_some();
        Ok(if opened {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let session = world.old_session(Purpose::Work).await?;
        create_schema(&session).await?;
        let subject = serde_json::to_value(&world.subject)
            .map_err(|error| StepError::failed("the run cannot be written down").because(&error))?;
        session
            .execute(
                "INSERT INTO connect_swap.run (id, format, app, created_at, subject)
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
                &[
                    &world.run,
                    &FORMAT,
                    &world.subject.app.as_str(),
                    &world.created_at,
                    &subject,
                ],
            )
            .await
            .during("writing the run into the journal")?;
        let Some(lock) = world.lock.lock().await.take() else {
            return Ok(json!({}));
        };
        let journal =
            PgJournal::open(world.run, lock, world.relock(), world.kill_at.clone()).await?;
        world
            .journal
            .open(Arc::new(journal))
            .await
            .map_err(|error| StepError::failed("the journal cannot be written").because(&error))?;
        Ok(json!({}))
    }
}
