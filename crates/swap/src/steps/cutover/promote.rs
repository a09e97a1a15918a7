//! Promotes the new database: `DATABASE_URL` becomes its address.
//!
//! As `heroku pg:promote` does it: the attachment DATABASE is made anew for the other add-on, with
//! the app's name as confirmation (cli:src/commands/pg/promote.ts). That is two releases; between
//! them the app has no DATABASE_URL, and so no dyno may run.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_heroku::connect::ConnectionState;
use connect_swap_heroku::{AddonName, AttachmentName};
use serde_json::{Value, json};

use super::wait_dynos::is_beside;
use crate::steps::shared::releases::{self, Moved};
use crate::steps::shared::{capture, fencing};
use crate::trouble::{During, mismatch};
use crate::world::{DATABASE, Side, World};

/// Moves the attachment DATABASE. The point of no return.
pub struct Promote;

#[async_trait]
impl Step<World> for Promote {
    fn id(&self) -> &'static str {
        "promote"
    }

    fn effect(&self) -> Effect {
        Effect::NoReturn
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "after this the run no longer goes back by itself; `rollback` still does while no dyno has started".into(),
                "two new releases; a release phase runs against the new database".into(),
            ],
            takes: "seconds".into(),
            undo: "heroku connect:swap:rollback".into(),
            calls: vec![format!("POST /addon-attachments (add-on {}, name DATABASE, confirm {})", world.subject.new.database, world.subject.app)],
            ..world.describe(format!("promote {}: DATABASE_URL becomes its address", world.subject.new.database))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let new = world.new_database().await?;
        match world.database_holder().await? {
            Some(holder) if holder == new.id => Ok(Observation::Done(json!({}))),
            Some(holder) if holder == world.subject.old.database.id => Ok(Observation::Ready),
            // Between the two releases of an earlier try there is no DATABASE at all.
            None => Ok(Observation::Ready),
            Some(_) => Ok(Observation::Drifted(
                "somebody promoted a third database in the middle of the window".into(),
            )),
        }
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        still_stopped(world).await?;
        both_paused(world).await?;
        // Consent may have come long after the proof.
        let lost = capture::lost(world, &capture::all(world).await?).await?;
        if !lost.is_empty() {
            return Err(mismatch(lost));
        }
        let moved = Moved::about_to(world).await?;
        hold(world, &world.subject.new.database).await?;
        Ok(json!(moved))
    }

    async fn verify(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        match self.observe(scope).await? {
            Observation::Done(_) => Ok(()),
            _ => Err(StepError::failed("DATABASE is not the new database")),
        }
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let world = scope.world;
        let old = &world.subject.old.database;
        match world.database_holder().await? {
            Some(holder) if holder == old.id => releases::settled_if_moved(scope).await,
            Some(holder) if holder != world.new_database().await?.id => Err(StepError::drifted(
                "somebody promoted a third database in the middle of the window: whether the app \
                 shall start on it is not for this tool to decide",
            )),
            // Between two releases there is none.
            Some(_) | None => {
                // The release phase runs on the old database, and may write to it.
                fencing::lift(scope).await?;
                let moved = Moved::about_to(world).await?;
                hold(world, &old.name).await?;
                releases::settled(scope, moved.after).await.map(drop)
            }
        }
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let (app, subject) = (&scope.world.subject.app, &scope.world.subject);
        vec![
            format!("heroku addons -a {app}   # which database is DATABASE?"),
            format!(
                "heroku addons:attach {} --as DATABASE --confirm {app} -a {app}   # back to the old one",
                subject.old.database.name
            ),
            format!("heroku connect:swap:rollback -a {app}   # then goes on from here"),
        ]
    }
}

/// While the operator thought about it, somebody may have put the app to work again, or have
/// promoted another database: taking DATABASE away from it would go unseen.
async fn still_stopped(world: &World) -> Result<(), StepError> {
    let (app, platform) = (&world.subject.app, world.heroku.platform());
    if !platform
        .app(app)
        .await
        .during("reading the app")?
        .maintenance
    {
        return Err(StepError::drifted(
            "somebody turned maintenance mode off in the middle of the window",
        ));
    }
    let dynos = platform.dynos(app).await.during("reading the dynos")?;
    let running = dynos.iter().find(|dyno| !is_beside(&dyno.process_type));
    if let Some(dyno) = running {
        return Err(StepError::drifted(format!(
            "somebody started dyno {} in the middle of the window",
            dyno.name
        )));
    }
    let (old, new) = (
        &world.subject.old.database.id,
        world.new_database().await?.id,
    );
    match world.database_holder().await? {
        Some(holder) if holder != *old && holder != new => Err(StepError::drifted(
            "somebody promoted a third database in the middle of the window",
        )),
        _ => Ok(()),
    }
}

/// Invariant: from the promotion until the old connection is repointed both stay paused.
async fn both_paused(world: &World) -> Result<(), StepError> {
    for side in [Side::Old, Side::New] {
        let connection = world.connection(side).await?;
        if connection.state != ConnectionState::Paused || !connection.is_quiet() {
            return Err(StepError::failed(format!(
                "the {} connection is {} and not paused, just before the promotion",
                side.word(),
                connection.state
            ))
            .hint("somebody resumed it; find out who, then run the same command"));
        }
    }
    Ok(())
}

/// Gives the attachment DATABASE to an add-on.
pub(crate) async fn hold(world: &World, addon: &AddonName) -> Result<(), StepError> {
    let name = AttachmentName::try_from(DATABASE)
        .map_err(|error| StepError::failed("DATABASE is no attachment name").because(&error))?;
    world
        .heroku
        .platform()
        .attach(&world.subject.app, addon, Some(&name), None, true)
        .await
        .during(&format!("attaching {addon} as DATABASE"))
        .map(drop)
}
