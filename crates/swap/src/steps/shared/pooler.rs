//! The connection pooler's attachment (cli:src/commands/pg/promote.ts, step 6).

use connect_swap_engine::StepError;
use connect_swap_heroku::{AddonId, AddonName, AttachmentName};

use crate::trouble::During;
use crate::world::World;

const NAME: &str = "DATABASE_CONNECTION_POOL";
const NAMESPACE: &str = "connection-pooling:default";

/// Whose the pooler attachment is; nothing where there is none.
pub(crate) async fn holder(world: &World) -> Result<Option<AddonId>, StepError> {
    let attachments = world.attachments().await?;
    let pooler = attachments
        .into_iter()
        .find(|a| a.name == *NAME && a.namespace.as_deref() == Some(NAMESPACE));
    Ok(pooler.map(|attachment| attachment.addon.id))
}

/// Gives the pooler attachment to an add-on.
pub(crate) async fn hold(world: &World, addon: &AddonName) -> Result<(), StepError> {
    let name = AttachmentName::try_from(NAME).map_err(|error| {
        StepError::failed(format!("{NAME} is no attachment name")).because(&error)
    })?;
    world
        .heroku
        .platform()
        .attach(
            &world.subject.app,
            addon,
            Some(&name),
            Some(NAMESPACE),
            true,
        )
        .await
        .during("moving the connection pooler")
        .map(drop)
}
