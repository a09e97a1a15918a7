//! Looks whether the new connection polls both sides and has no write errors, before users return.
//!
//! What the app wrote last was polled before the promotion (`wait_polls`), so one poll of either side is
//! enough here: what was not seen is looked for after the window.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::steps::shared::polling;
use crate::trouble::During;
use crate::world::{Side, World, state_words};

/// The new connection lives.
pub struct VerifyFlow;

#[async_trait]
impl Step<World> for VerifyFlow {
    fn id(&self) -> &'static str {
        "verify-flow"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "up to two minutes".into(),
            calls: vec!["Connect: GET connection, GET errors".into()],
            ..world.describe("verify that the new connection syncs")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let since = match polled_before(scope)? {
            Some(before) => Some(before),
            None => polling::latest(&world.connection(Side::New).await?),
        };
        let started = scope.clock.now();
        let wait = world.wait("the new connection to poll", BOUND * 2, "see the dashboard");
        let seen = scope
            .wait_for(&wait, async || {
                let now = world.connection(Side::New).await?;
                scope.progress(Progress::message(state_words(&now)));
                if now.state.is_error() {
                    return Err(StepError::failed(format!(
                        "the new connection is {}",
                        now.state
                    )));
                }
                let patience = scope.clock.now().duration_since(started).unsigned_abs();
                if polling::latest(&now) > since {
                    return Ok(Some(true));
                }
                Ok((patience >= BOUND).then_some(false))
            })
            .await?;
        let connection = world.connection(Side::New).await?;
        let errors = world.heroku.connect().write_errors(&connection).await;
        let errors = errors.during("reading the new connection's write errors")?;
        let late = errors.iter().filter(|error| error.created_at > since);
        let late = late.count();
        if late > 0 {
            // Users wait: a refused record is for the operator, not a reason to stay down.
            scope.notice(
                Level::Warning,
                format!("{late} write errors on the new connection: heroku connect:write-errors"),
            );
        }
        if !seen {
            scope.notice(
                Level::Warning,
                "no poll of the new connection was seen yet; it is looked for after the window",
            );
        }
        Ok(json!({ "polled": seen }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let app = &scope.world.subject.app;
        let addon = scope.world.connect_addon(Side::New);
        vec![
            format!("heroku connect:state -a {app} --resource {addon}"),
            format!("heroku connect:write-errors -a {app} --resource {addon}"),
            format!("heroku connect:recover -a {app} --resource {addon}"),
            format!("heroku connect:swap:cutover -a {app}   # goes on from here"),
        ]
    }
}

/// How long the window is held open for a poll: the interval at which Connect polls Postgres.
const BOUND: Duration = Duration::from_secs(120);

/// The latest poll before the new connection was let run, by Connect's stamps as those that are
/// compared with it: the operator's clock may be minutes off.
fn polled_before(scope: &Scope<'_, World>) -> Result<Option<Timestamp>, StepError> {
    let repointed: Option<Value> = scope.outputs.find("repoint-new")?;
    let before = repointed.as_ref().map(|output| &output["polled_before"]);
    Ok(before
        .and_then(Value::as_str)
        .and_then(|at| at.parse().ok()))
}
