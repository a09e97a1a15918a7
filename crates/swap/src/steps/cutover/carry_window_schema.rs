//! Makes what must wait for the rows: foreign keys, custom triggers, rules; fills the materialized
//! views that could not be filled before, and with `--refresh-in-window` those that are stale.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{AppIs, Part, ViewsRefreshed};
use serde_json::{Value, json};

use crate::steps::shared::{schema, views};
use crate::world::World;

/// Where the output names the views that were refreshed for `--refresh-in-window`.
pub(super) const VIEWS_REFRESHED: &str = "views_refreshed";

/// Foreign keys, triggers and what follows the rows.
pub struct CarryWindowSchema;

#[async_trait]
impl Step<World> for CarryWindowSchema {
    fn id(&self) -> &'static str {
        "carry-window-schema"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Unwind
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: if world.refresh_in_window {
                "seconds, and as long as the queries of the materialized views"
            } else {
                "seconds"
            }
            .into(),
            undo: "they are dropped again from the new database".into(),
            calls: vec![
                "pg_restore of the filtered archive".into(),
                "REFRESH MATERIALIZED VIEW of those that could not be filled before".into(),
            ],
            ..world.describe("make foreign keys and custom triggers on the new database")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let mut carried = schema::carry(scope, Part::InWindow).await?;
        if scope.world.refresh_in_window {
            carried[VIEWS_REFRESHED] = json!(refresh(scope).await?);
        }
        Ok(carried)
    }

    async fn undo(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        schema::retract_if_there(scope.world).await
    }

    /// The app does not use the new database: it must not stay down for it.
    fn undo_may_wait(&self) -> bool {
        true
    }

    fn by_hand(&self, _scope: &Scope<'_, World>) -> Vec<String> {
        vec![
            "heroku pg:info   # nothing is left to do for the app; once the new database answers, run the same command"
                .into(),
        ]
    }
}

/// The stale views, all of them: the operator does not want users to see one.
async fn refresh(scope: &Scope<'_, World>) -> Result<Vec<String>, StepError> {
    let refreshing = views::refresh_changed(scope, AppIs::Down);
    let ViewsRefreshed { refreshed, left } = scope.world.within_budget(scope, refreshing).await?;
    let Some(first) = left.first() else {
        return Ok(refreshed);
    };
    let mut error = StepError::failed(format!("{} cannot be refreshed", first.object))
        .hint("mend its query, or run cutover without --refresh-in-window");
    error.causes = left
        .iter()
        .map(|one| format!("{}: {}", one.object, one.why))
        .collect();
    Err(error)
}
