//! Fills the materialized views of the new database while the app runs.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_postgres::{Purpose, ViewsRefreshed, fill_views, moment};
use serde_json::{Value, json};

use crate::steps::shared::views::{FILLED_FROM, filling};
use crate::steps::shared::{schema, standing};
use crate::trouble::During;
use crate::world::World;

/// Materialized views with contents.
pub struct FillViews;

#[async_trait]
impl Step<World> for FillViews {
    fn id(&self) -> &'static str {
        "fill-views"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "as long as their queries".into(),
            undo: "the next attempt fills them anew".into(),
            calls: vec!["REFRESH MATERIALIZED VIEW on the new database".into()],
            ..world.describe("fill the materialized views of the new database")
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        standing::before_window(scope)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let inventory = schema::old_inventory(world).await?;
        let old = world.old_session(Purpose::ReadOnly).await?;
        let new = world.new_url().await?;
        let filled_from = moment(&old)
            .await
            .during("reading the old database's clock")?;
        let tell = |view: &str, done: usize, of: usize| scope.progress(filling(view, done, of));
        let filling = async {
            fill_views(&old, &new, &inventory, tell)
                .await
                .during("filling materialized views")
        };
        let ViewsRefreshed { refreshed, left } = scope.interruptible(filling).await?;
        for one in &left {
            let text = format!(
                "{} cannot be filled before the window, and is filled in it: {}",
                one.object, one.why
            );
            scope.notice(Level::Warning, text);
        }
        Ok(json!({ "filled": refreshed, "in_the_window": left, (FILLED_FROM): filled_from }))
    }

    async fn undo(&self, _scope: &Scope<'_, World>) -> Result<(), StepError> {
        // The app does not see them.
        Ok(())
    }
}
