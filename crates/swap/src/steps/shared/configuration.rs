//! The wanted configuration, and the one a connection has.

use connect_swap_engine::StepError;
use connect_swap_heroku::connect::Connection;

use crate::configuration::Document;
use crate::trouble::During;
use crate::world::World;

/// What the new connection is to map.
pub(crate) fn wanted(world: &World) -> Result<Document, StepError> {
    Document::parse(world.subject.wanted.edited.clone()).map_err(|error| {
        StepError::failed("the journal's edited export cannot be read").because(&error)
    })
}

/// What a connection maps now, by its own export.
pub(crate) async fn exported(
    world: &World,
    connection: &Connection,
) -> Result<Document, StepError> {
    let text = world
        .heroku
        .connect()
        .export(connection)
        .await
        .during(&format!(
            "exporting the mappings of {}",
            connection.resource_name
        ))?;
    Document::parse(text).map_err(|error| {
        StepError::failed(format!(
            "the export of {} cannot be read",
            connection.resource_name
        ))
        .because(&error)
    })
}
