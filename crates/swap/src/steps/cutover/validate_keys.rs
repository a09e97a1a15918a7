//! Holds the foreign keys that were made in the window against the rows, with the app up.
//!
//! Rows that break a key came from the old database, so that the swap is done all the same: the key
//! stays `NOT VALID`, which it is told with.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_postgres::{KeysValidated, Purpose, validate_keys};
use serde_json::{Value, json};

use crate::steps::shared::{left_over, schema};
use crate::trouble::During;
use crate::world::World;

/// Foreign keys as valid as they were.
pub struct ValidateKeys;

#[async_trait]
impl Step<World> for ValidateKeys {
    fn id(&self) -> &'static str {
        "validate-keys"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "by the tables' size, with the app up".into(),
            undo: "none is needed: the keys hold for new rows already".into(),
            calls: vec!["ALTER TABLE … VALIDATE CONSTRAINT on the new database, one by one".into()],
            ..world.describe("hold the foreign keys of the new database against the rows")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let inventory = schema::old_inventory(world).await?;
        let old = world.old_session(Purpose::ReadOnly).await?;
        let new = world.new_url().await?;
        let tell = |key: &str, done: usize, of: usize| {
            scope.progress(Progress {
                message: format!("validating {key}"),
                done: u64::try_from(done).ok(),
                total: u64::try_from(of).ok(),
                unit: Some("keys".into()),
                eta_seconds: None,
            });
        };
        let validating = async {
            validate_keys(&old, &new, &inventory, tell)
                .await
                .during("validating foreign keys")
        };
        let KeysValidated { validated, left } = scope.interruptible(validating).await?;
        left_over::tell(scope, &left, "stays NOT VALID in the new database");
        Ok(json!({ "validated": validated, "not_valid": left }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let find = "SELECT conname, conrelid::regclass FROM pg_constraint WHERE NOT convalidated";
        vec![
            left_over::command(scope.world, find),
            left_over::command(
                scope.world,
                "ALTER TABLE the_table VALIDATE CONSTRAINT the_key",
            ),
        ]
    }
}
