//! Carrying schema objects from the old to the new database.

use connect_swap_engine::{Progress, Scope, StepError};
use connect_swap_postgres::{
    Inventory, Part, Purpose, Tools, carry_schema, pg_tools, retract_window, server_info,
};
use serde_json::Value;

use crate::configuration::Document;
use crate::topology::{inventory_of, managed_spec_of};
use crate::trouble::During;
use crate::world::World;

/// The old database's objects now, and whose they are.
pub(crate) async fn old_inventory(world: &World) -> Result<Inventory, StepError> {
    let original = Document::parse(world.subject.wanted.original.clone()).map_err(|error| {
        StepError::failed("the journal's export cannot be read").because(&error)
    })?;
    let spec = managed_spec_of(&original, world.schema());
    let session = world.old_session(Purpose::ReadOnly).await?;
    inventory_of(&session, &spec, &world.subject.overrides).await
}

/// Carries one part of the unmanaged objects over; what is there already stays.
pub(crate) async fn carry(scope: &Scope<'_, World>, part: Part) -> Result<Value, StepError> {
    let world = scope.world;
    let tools = tools(world).await?;
    let inventory = old_inventory(world).await?;
    let (old, new) = (world.old_url().await?, world.new_url().await?);
    let tell = |progress: connect_swap_postgres::CarryProgress| {
        scope.progress(Progress::message(progress.to_string()));
    };
    let carried = async {
        carry_schema(&tools, &old, &new, &inventory, part, tell)
            .await
            .during("carrying schema objects over")
    };
    let report = world.within_budget(scope, carried).await?;
    if let Some(first) = report.differing.first() {
        let mut error = StepError::drifted(format!(
            "{first} of the new database is not as in the old one, and is not replaced"
        ))
        .hint("make it the same by hand, or abandon this swap with cleanup and begin again");
        error.causes = report.differing.iter().map(ToString::to_string).collect();
        return Err(error);
    }
    serde_json::to_value(report)
        .map_err(|error| StepError::failed("the result cannot be written down").because(&error))
}

/// Client programs that suit the old database.
pub(crate) async fn tools(world: &World) -> Result<Tools, StepError> {
    let session = world.old_session(Purpose::ReadOnly).await?;
    let server = server_info(&session)
        .await
        .during("reading the old database's version")?;
    pg_tools(server.major).map_err(|error| {
        StepError::blocked("PostgreSQL's client programs are needed").because(&error)
    })
}

/// Takes what belongs to the window off the new database again, so that rows can be copied anew.
pub(crate) async fn retract(world: &World) -> Result<(), StepError> {
    let inventory = old_inventory(world).await?;
    let new = world.new_session(Purpose::Work).await?;
    retract_window(&new, &inventory)
        .await
        .during("taking foreign keys and triggers off the new database")
        .map(drop)
}

/// The same when going back: where the new database was destroyed, nothing is left to take off.
pub(crate) async fn retract_if_there(world: &World) -> Result<(), StepError> {
    match world.addon(&world.subject.new.database).await? {
        Some(_) => retract(world).await,
        None => Ok(()),
    }
}
