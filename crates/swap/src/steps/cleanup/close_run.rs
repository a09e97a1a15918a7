//! Closes the run: from here on the app has no swap under way.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::{Side, World};

/// How a run is closed whose new pair was destroyed.
pub const ABANDONED: &str = "abandoned";

/// Marks the run as closed; the pair of this side was destroyed.
pub struct CloseRun(pub Side);

impl CloseRun {
    fn word(&self) -> &'static str {
        match self.0 {
            Side::Old => "finished",
            Side::New => ABANDONED,
        }
    }
}

#[async_trait]
impl Step<World> for CloseRun {
    fn id(&self) -> &'static str {
        "close-run"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "a second".into(),
            undo: "none needed".into(),
            calls: vec!["UPDATE connect_swap.run".into()],
            ..world.describe(format!("close this swap as {}", self.word()))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let journal = world
            .journal
            .journal()
            .await
            .ok_or_else(|| StepError::failed("the journal is not open"))?;
        journal
            .execute(
                "UPDATE connect_swap.run SET closed_at = clock_timestamp(), closed_as = $2 WHERE id = $1",
                &[&world.run, &self.word()],
            )
            .await
            .during("closing the run")?;
        Ok(json!({ "closed_as": self.word() }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        Ok(())
    }
}
