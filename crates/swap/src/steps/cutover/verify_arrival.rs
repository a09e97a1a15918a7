//! Looks, after the window, for a change made in Salesforce that arrives in the new database only.
//!
//! This tool makes none itself: nothing it does may reach Salesforce. Where nobody changes anything
//! within the wait, that is what it says.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use std::time::Duration;

use connect_swap_postgres::{Purpose, Session, quote_ident};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::steps::shared::configuration::wanted;
use crate::trouble::During;
use crate::world::{Side, World, state_words};

/// A change in Salesforce arrives in the new database and not in the old one.
pub struct VerifyArrival;

#[async_trait]
impl Step<World> for VerifyArrival {
    fn id(&self) -> &'static str {
        "verify-arrival"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Forward
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "up to one polling interval, with the app up".into(),
            calls: vec![
                "SELECT max(systemmodstamp) on both databases; Connect: GET connection".into(),
            ],
            ..world.describe("see a change from Salesforce arrive in the new database")
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let tables = stamped(world)?;
        let old = world.old_session(Purpose::ReadOnly).await?;
        let new = world.new_session(Purpose::ReadOnly).await?;
        let before = newest(&old, world.schema(), &tables).await?;
        let started = scope.clock.now();
        let wait = world.wait("a change from Salesforce", BOUND * 2, "see the dashboard");
        let found =
            scope
                .wait_for(&wait, async || {
                    let connection = world.connection(Side::New).await?;
                    scope.progress(Progress::message(format!(
                        "the app is up; {}",
                        state_words(&connection)
                    )));
                    let after = newest(&new, world.schema(), &tables).await?;
                    let arrived = after.iter().zip(&before).zip(&tables).find_map(
                        |((after, before), table)| (after > before).then(|| table.clone()),
                    );
                    let patience = scope.clock.now().duration_since(started).unsigned_abs();
                    Ok(arrived.map(Some).or((patience >= BOUND).then_some(None)))
                })
                .await?;
        let still = newest(&old, world.schema(), &tables).await?;
        if still != before {
            return Err(StepError::failed(
                "the old database still receives changes from Salesforce",
            )
            .hint("the old connection must be paused: heroku connect:pause"));
        }
        if found.is_none() {
            scope.notice(
                Level::Info,
                "nobody changed a mapped record in Salesforce meanwhile; change one and look for it with `heroku connect:swap:verify`",
            );
        }
        Ok(json!({ "arrived_in": found }))
    }

    fn by_hand(&self, scope: &Scope<'_, World>) -> Vec<String> {
        let app = &scope.world.subject.app;
        vec![format!("heroku connect:swap:verify -a {app}")]
    }
}

/// Salesforce is polled every ten minutes by default.
const BOUND: Duration = Duration::from_secs(12 * 60);

/// Tables with a column that Salesforce stamps at every change.
fn stamped(world: &World) -> Result<Vec<String>, StepError> {
    let wanted = wanted(world)?;
    let stamped = wanted
        .mappings()
        .iter()
        .filter(|mapping| mapping.has_field("SystemModstamp"));
    Ok(stamped
        .map(crate::configuration::MappingView::table)
        .collect())
}

/// The newest stamp of each table. Connect indexes this column.
async fn newest(
    session: &Session,
    schema: &str,
    tables: &[String],
) -> Result<Vec<Option<Timestamp>>, StepError> {
    let mut stamps = Vec::new();
    for table in tables {
        let query = format!(
            "SELECT max(systemmodstamp)::timestamptz FROM {}.{}",
            quote_ident(schema),
            quote_ident(table)
        );
        let row = session
            .query_one(&query, &[])
            .await
            .during("looking for the newest change")?;
        stamps.push(row.get(0));
    }
    Ok(stamps)
}
