//! Pauses one of the two connections, and waits until it is really quiet.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, ErrorKind, Level, Observation, OnFailure, Scope, Step, StepError,
};
use serde_json::{Value, json};

use super::AppState;
use crate::steps::shared::pausing;
use crate::world::{Side, World};

/// Pauses the connection of a side.
pub struct Pause(pub Side);

#[async_trait]
impl Step<World> for Pause {
    fn id(&self) -> &'static str {
        match self.0 {
            Side::Old => "pause-old",
            Side::New => "pause-new",
        }
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds to minutes: Connect finishes what it is doing first".into(),
            undo: "the connection is resumed".into(),
            calls: vec!["Connect: POST actions/pause".into()],
            ..world.describe(format!(
                "pause the {} connection ({})",
                self.0.word(),
                world.connect_addon(self.0)
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let quiet = scope.world.connection(self.0).await?.is_quiet();
        Ok(if quiet {
            Observation::Done(json!({}))
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        pausing::pause(scope, self.0).await?;
        Ok(json!({}))
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let before: Option<AppState> = scope.outputs.find("record-state")?;
        let paused = before.is_some_and(|state| match self.0 {
            Side::Old => state.old_paused,
            Side::New => state.new_paused,
        });
        if paused {
            return Ok(());
        }
        let known = scope.own_output::<Value>()?.is_some();
        let resumed = if known {
            pausing::resume(scope, self.0).await
        } else {
            pausing::take_back(scope, self.0).await
        };
        match (self.0, resumed) {
            // The app does not use the new pair: it must not stay down for it.
            (Side::New, Err(error))
                if matches!(
                    error.kind,
                    ErrorKind::Failed | ErrorKind::Lost | ErrorKind::TimedOut
                ) =>
            {
                scope.notice(
                    Level::Warning,
                    format!(
                        "the new connection does not run again: {error}; {}",
                        pausing::resume_by_hand(scope.world, Side::New)
                    ),
                );
                Ok(())
            }
            (_, result) => result,
        }
    }

    /// The new connection's writes would fire triggers of the window that are still there.
    fn undo_after(&self) -> Option<&'static str> {
        (self.0 == Side::New).then_some("carry-window-schema")
    }

    /// An app with its users on it and its syncing late is better than one in maintenance.
    fn undo_may_wait(&self) -> bool {
        true
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        vec![pausing::resume_by_hand(scope.world, self.0)]
    }
}
