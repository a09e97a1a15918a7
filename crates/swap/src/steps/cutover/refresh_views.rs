//! Refreshes, with the app up, the materialized views whose inputs have changed since they were
//! filled.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{AppIs, ViewsRefreshed};
use serde_json::{Value, json};

use super::carry_window_schema::VIEWS_REFRESHED;
use crate::steps::shared::{left_over, views};
use crate::world::World;

/// Materialized views as new as the tables.
pub struct RefreshViews;

#[async_trait]
impl Step<World> for RefreshViews {
    fn id(&self) -> &'static str {
        "refresh-views"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "as long as their queries, with the app up".into(),
            undo: "none is needed: they show what their tables hold".into(),
            calls: vec![
                "REFRESH MATERIALIZED VIEW, CONCURRENTLY where there is a unique index, on the new database"
                    .into(),
            ],
            ..world.describe("refresh the materialized views whose tables changed meanwhile")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let in_window = scope.outputs.raw("carry-window-schema");
        let done = in_window.and_then(|output| output.get(VIEWS_REFRESHED));
        Ok(match done {
            Some(views) => Observation::Done(json!({ "in_the_window": views })),
            None => Observation::Ready,
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let refreshing = views::refresh_changed(scope, AppIs::Up);
        let ViewsRefreshed { refreshed, left } = scope.interruptible(refreshing).await?;
        left_over::tell(scope, &left, "still shows what it was filled with");
        Ok(json!({ "refreshed": refreshed, "not_refreshed": left }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let find = "SELECT schemaname, matviewname FROM pg_matviews";
        vec![
            left_over::command(scope.world, find),
            left_over::command(scope.world, "REFRESH MATERIALIZED VIEW the_view"),
        ]
    }
}
