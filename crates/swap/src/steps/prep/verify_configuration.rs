//! Exports the new connection's configuration and proves it to be the wanted one.

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use serde_json::{Value, json};

use crate::configuration::compare;
use crate::steps::shared::configuration::{exported, wanted};
use crate::world::{Side, World};

/// An import is applied mapping by mapping; differences may last this long.
const BOUND: Duration = Duration::from_secs(5 * 60);

/// Compares objects, fields, access modes, indexes, upsert fields and polling.
pub struct VerifyConfiguration;

#[async_trait]
impl Step<World> for VerifyConfiguration {
    fn id(&self) -> &'static str {
        "verify-configuration"
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
                "prove that {} maps exactly what is wanted",
                world.subject.new.connect
            ))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let wanted = wanted(world)?;
        let started = scope.clock.now();
        let wait = world.wait(
            "the mappings to be as wanted",
            BOUND * 2,
            "see the differences",
        );
        let objects = scope
            .wait_for(&wait, async || {
                let connection = world.connection(Side::New).await?;
                let found = exported(world, &connection).await?;
                let differences = compare(&wanted, &found);
                if differences.is_empty() {
                    return Ok(Some(found.mappings().len()));
                }
                let lines: Vec<_> = differences
                    .iter()
                    .map(|d| format!("{} {}", d.object, d.what))
                    .collect();
                if scope.clock.now().duration_since(started).unsigned_abs() >= BOUND {
                    let mut error = StepError::blocked(format!(
                        "the new connection's configuration differs in {} places",
                        lines.len()
                    ))
                    .hint("mend it in the dashboard, or run the same command to set it again");
                    error.causes = lines;
                    return Err(error);
                }
                scope.progress(Progress::message(format!("still differs: {}", lines[0])));
                Ok(None)
            })
            .await?;
        Ok(json!({ "objects": objects, "differences": 0 }))
    }
}
