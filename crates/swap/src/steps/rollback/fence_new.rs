//! Fences the new database before it is proven unwritten: what could write to it after the proof would
//! be lost. One-off dynos, psql and other apps are not stopped by the app's maintenance.

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_postgres::{
    FenceReport, FenceSettings, Keep, Purpose, Session, fence, fence_settings, is_fenced,
    lift_fence,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::back::app_is_up;
use super::check_unwritten::unwritten;
use crate::trouble::During;
use crate::world::World;

/// The new database read-only, and as it was copied.
pub struct FenceNew;

/// What is written down of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FencedNew {
    /// The settings of before; nothing where this run did not fence.
    #[serde(default)]
    pub(super) before: Option<FenceSettings>,
}

#[async_trait]
impl Step<World> for FenceNew {
    fn id(&self) -> &'static str {
        "fence-new"
    }

    fn effect(&self) -> Effect {
        Effect::Downtime
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            consequences: vec![
                "psql, one-off dynos and other apps on the new database lose their connections"
                    .into(),
            ],
            takes: "by the size of the tables".into(),
            undo: "the settings are put back as they were".into(),
            calls: vec![
                "ALTER DATABASE … SET default_transaction_read_only = on; pg_terminate_backend"
                    .into(),
                "SELECT count(*), checksum on both databases".into(),
            ],
            ..world.describe(format!(
                "make {} read-only, then prove that nobody has written to it",
                world.subject.new.database
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let holder = scope.world.database_holder().await?;
        let is_old = holder.as_ref() == Some(&scope.world.subject.old.database.id);
        Ok(if app_is_up(scope) || is_old {
            Observation::Done(match scope.own_output::<Value>()? {
                Some(output) => output,
                None => json!({}),
            })
        } else {
            Observation::Ready
        })
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let session = world.new_session(Purpose::Work).await?;
        let before = before(scope, &session).await?;
        let proven = async {
            raise(&session).await?;
            unwritten(scope).await
        };
        if let Err(error) = proven.await {
            // Nothing goes back, so the new database stays in use.
            let lifted = lift_fence(&session, &FenceReport::from_settings(before)).await;
            lifted.during(&format!(
                "letting the new database accept writes again, after: {error}"
            ))?;
            return Err(error);
        }
        Ok(json!(FencedNew {
            before: Some(before)
        }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        vec![format!(
            "heroku connect:swap:rollback -a {}   # goes on from here",
            scope.world.subject.app
        )]
    }
}

/// The settings of before the fence, also where an earlier run was ended behind it.
async fn before(scope: &Scope<'_, World>, session: &Session) -> Result<FenceSettings, StepError> {
    let earlier: Option<FencedNew> = scope.own_output()?;
    if let Some(before) = earlier.and_then(|earlier| earlier.before) {
        return Ok(before);
    }
    let mut now = fence_settings(session)
        .await
        .during("reading the new database's settings")?;
    if is_fenced(session)
        .await
        .during("looking at the new database")?
    {
        // It accepted writes from the promotion on: only the fence has set this.
        for setting in &mut now.settings {
            setting.value = None;
        }
    }
    Ok(now)
}

async fn raise(session: &Session) -> Result<(), StepError> {
    let report = fence(session, &Keep::default())
        .await
        .during("fencing the new database")?;
    if let Some(still) = report.still_there.first() {
        return Err(StepError::failed(format!(
            "a session on the new database cannot be ended: {still}"
        ))
        .hint("end what holds it (`heroku pg:ps`, `heroku pg:kill`), then run the same command"));
    }
    if let Some(prepared) = report.prepared_transactions.first() {
        return Err(StepError::failed(format!(
            "prepared transaction {prepared} could still write to the new database"
        ))
        .hint("commit or roll it back (COMMIT PREPARED, ROLLBACK PREPARED), then run the same command"));
    }
    Ok(())
}
