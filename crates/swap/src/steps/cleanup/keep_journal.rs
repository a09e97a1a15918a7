//! Copies the journal to the new database, and to a file, before the old database is destroyed.

use std::sync::Arc;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Journal, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_postgres::Purpose;
use serde_json::{Value, json};

use crate::journal::{Lock, LockError, PgJournal, copy_run};
use crate::steps::shared::files;
use crate::world::{World, lock_key};

/// Moves the journal to the database that stays.
pub struct KeepJournal;

#[async_trait]
impl Step<World> for KeepJournal {
    fn id(&self) -> &'static str {
        "keep-journal"
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
            undo: "DROP SCHEMA connect_swap CASCADE in the new database".into(),
            calls: vec!["INSERT INTO connect_swap.journal in the new database".into()],
            ..world.describe(format!(
                "copy the journal to {} and to a file",
                world.subject.new.database
            ))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let unusable = |error: &connect_swap_engine::JournalError| {
            StepError::failed("the journal cannot be moved").because(error)
        };
        let records = world.journal.records().await.map_err(|e| unusable(&e))?;
        let session = world.new_session(Purpose::Work).await?;
        copy_run(&session, world, &records).await?;
        let path = files::keep_journal(world, &records)?;
        let new = world.new_database().await?;
        if world.journal.journal().await.is_some() && !world.journal_is_in(&new.id).await {
            let lock = Lock::acquire(session.keep(), lock_key(&world.subject.app_id)).await;
            let lock = lock.map_err(|error| match error {
                LockError::Held(holder) => {
                    StepError::failed(format!("another run is at work: {}", holder.who))
                }
                LockError::Database(error) => error,
            })?;
            let relock = world.relock_to(new.id.clone());
            let journal = PgJournal::open(world.run, lock, relock, world.kill_at.clone()).await?;
            world.journal.move_to(Arc::new(journal)).await;
            world.journal_moved_to(new.id).await;
        }
        Ok(json!({ "file": path, "entries": records.len() }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        Ok(())
    }
}
