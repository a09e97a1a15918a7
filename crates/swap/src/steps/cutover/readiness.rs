//! Asks whether everything prep did is still true: drift is for a person to decide.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_heroku::connect::{Connection, ConnectionState};
use connect_swap_postgres::{Purpose, trigger_log};
use serde_json::{Value, json};

use crate::configuration::{Document, compare};
use crate::steps::shared::configuration::{exported, wanted};
use crate::trouble::During;
use crate::world::{Side, World, target};

/// Re-checks prep before the window.
pub struct Readiness;

#[async_trait]
impl Step<World> for Readiness {
    fn id(&self) -> &'static str {
        "readiness"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            calls: vec!["reads both connections, both configurations, the new trigger log".into()],
            ..world.describe("check that both pairs are as prep left them")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        attachments(world).await?;
        let old = world.connection(Side::Old).await?;
        let new = world.connection(Side::New).await?;
        for (side, connection) in [(Side::Old, &old), (Side::New, &new)] {
            targets(world, side, connection).await?;
            running(side, connection)?;
        }
        if new.organization_id.as_deref() != Some(world.subject.old.organization_id.as_str()) {
            return Err(StepError::drifted(
                "the new connection belongs to another organisation",
            ));
        }
        configurations(world, &old, &new).await?;
        let session = world.new_session(Purpose::ReadOnly).await?;
        let log = trigger_log(&session, world.schema())
            .await
            .during("reading the new trigger log")?;
        if log.new + log.pending > 0 {
            return Err(StepError::drifted(format!(
                "{} writes wait in the new database's trigger log: somebody wrote to its mapped tables",
                log.new + log.pending
            ))
            .hint("find out who writes to the new database; it must be nobody before the switch"));
        }
        Ok(json!({ "old": old.state.to_string(), "new": new.state.to_string() }))
    }
}

async fn attachments(world: &World) -> Result<(), StepError> {
    let new = world.new_database().await?;
    let app = &world.subject.app;
    let attachments = world.attachments().await?;
    let named = attachments
        .iter()
        .find(|a| a.name == world.subject.new.attachment);
    if named.is_none_or(|attachment| attachment.addon.id != new.id) {
        return Err(StepError::drifted(format!(
            "{} is no longer the name of {}",
            world.subject.new.attachment, new.name
        ))
        .hint(format!(
            "heroku addons:attach {} --as {} -a {app}",
            new.name, world.subject.new.attachment
        )));
    }
    // Between the two releases of a promotion that was cut off there is no DATABASE at all.
    let holder = world.database_holder().await?;
    if holder.is_some_and(|holder| holder != world.subject.old.database.id) {
        return Err(StepError::drifted(format!(
            "DATABASE is no longer {}",
            world.subject.old.database.name
        ))
        .hint("somebody promoted another database; look at `heroku pg:info`"));
    }
    world.old_config_var().await.map(drop)
}

async fn targets(world: &World, side: Side, connection: &Connection) -> Result<(), StepError> {
    let wanted = match side {
        Side::Old => world.old_physical().await?,
        Side::New => world.new_physical().await?,
    };
    match target(connection) {
        Some(found) if found == wanted => Ok(()),
        found => {
            let found = found.map_or_else(|| "none".to_owned(), |physical| physical.to_string());
            Err(StepError::drifted(format!(
                "the {} connection syncs with database {found}, not with {wanted}",
                side.word()
            )))
        }
    }
}

fn running(side: Side, connection: &Connection) -> Result<(), StepError> {
    // A paused connection is what an interrupted window leaves; pausing it again does no harm.
    if connection.state.is_ok() || connection.state == ConnectionState::Paused {
        let stopped = connection
            .mappings
            .iter()
            .find(|mapping| !mapping.state.is_loaded() && !mapping.state.is_incremental());
        return match stopped {
            None => Ok(()),
            Some(mapping) => Err(StepError::drifted(format!(
                "{} of the {} connection is in state {}",
                mapping.object_name,
                side.word(),
                mapping.state
            ))
            .hint("wait until it is loaded, then run the same command")),
        };
    }
    Err(StepError::drifted(format!(
        "the {} connection is in state {}",
        side.word(),
        connection.state
    )))
}

async fn configurations(
    world: &World,
    old: &Connection,
    new: &Connection,
) -> Result<(), StepError> {
    let original = Document::parse(world.subject.wanted.original.clone()).map_err(|error| {
        StepError::failed("the journal's export cannot be read").because(&error)
    })?;
    let checks = [
        (Side::Old, original, exported(world, old).await?),
        (Side::New, wanted(world)?, exported(world, new).await?),
    ];
    for (side, then, now) in checks {
        if let Some(first) = compare(&then, &now).first() {
            return Err(StepError::drifted(format!(
                "the {} connection was changed since prep: {} {}",
                side.word(),
                first.object,
                first.what
            ))
            .hint("change it back, or abandon this swap with cleanup and begin again"));
        }
    }
    Ok(())
}
