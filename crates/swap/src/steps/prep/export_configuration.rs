//! Keeps the old connection's configuration, byte for byte, as a file beside the journal's copy.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::configuration::{Document, compare};
use crate::steps::shared::files;
use crate::trouble::During;
use crate::world::{Side, World};

/// Exports the old configuration.
pub struct ExportConfiguration;

#[async_trait]
impl Step<World> for ExportConfiguration {
    fn id(&self) -> &'static str {
        "export-configuration"
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
            calls: vec!["Connect: GET actions/export".into()],
            ..world.describe(format!(
                "export the configuration of {}",
                world.subject.old.connect.name
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let path = files::export_path(world, "old");
        if scope.own_output::<Value>()?.is_some()
            && files::holds(&path, &world.subject.wanted.original)
        {
            return Ok(Observation::Done(json!({ "file": path })));
        }
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let connection = world.connection(Side::Old).await?;
        let text = world
            .heroku
            .connect()
            .export(&connection)
            .await
            .during("exporting the mappings")?;
        let unreadable = |error: &crate::configuration::FormatError| {
            StepError::failed("the exported configuration cannot be read").because(error)
        };
        let now = Document::parse(text).map_err(|e| unreadable(&e))?;
        let then =
            Document::parse(world.subject.wanted.original.clone()).map_err(|e| unreadable(&e))?;
        let differences = compare(&then, &now);
        if let Some(first) = differences.first() {
            return Err(StepError::drifted(format!(
                "the old connection's configuration was changed since this run began: {} {}",
                first.object, first.what
            ))
            .hint("change it back, or abandon this swap with cleanup and begin again"));
        }
        let path = files::export_path(world, "old");
        files::write_private(&path, &world.subject.wanted.original)?;
        Ok(json!({ "file": path }))
    }
}
