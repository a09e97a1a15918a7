//! Keeps the edited configuration as a file: what the new connection is going to import.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::steps::shared::files;
use crate::world::World;

/// Writes the edited configuration down.
///
/// The edit itself was made, and checked against Salesforce's field lists, before anything was
/// created; here it is only kept.
pub struct EditConfiguration;

#[async_trait]
impl Step<World> for EditConfiguration {
    fn id(&self) -> &'static str {
        "edit-configuration"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let wanted = &world.subject.wanted;
        let names = |pairs: &[(String, String)]| {
            pairs
                .iter()
                .map(|(object, field)| format!("{object}.{field}"))
                .collect::<Vec<_>>()
        };
        let what = if wanted.from_file {
            "take the edited export from --mappings".to_owned()
        } else {
            format!(
                "add {} to the export",
                names(&wanted.request.fields).join(", ")
            )
        };
        let indexes = names(&wanted.request.indexes);
        let consequences = if indexes.is_empty() {
            Vec::new()
        } else {
            vec![format!("indexes added: {}", indexes.join(", "))]
        };
        Description {
            consequences,
            takes: "no time".into(),
            ..world.describe(what)
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let path = files::export_path(world, "new");
        if files::holds(&path, &world.subject.wanted.edited) {
            return Ok(Observation::Done(json!({ "file": path })));
        }
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let path = files::export_path(scope.world, "new");
        files::write_private(&path, &scope.world.subject.wanted.edited)?;
        Ok(json!({ "file": path }))
    }
}
