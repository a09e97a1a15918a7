//! Waits until every mapping of the new connection is loaded. It may take a day.
//!
//! Done is a mapping that was seen in DATA_SYNCED; POLLING states may follow an unfinished load,
//! and counts are estimates above a million rows, so neither proves anything.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::connect::{Connection, ConnectionState, Mapping, MappingState};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::world::{Side, World};

/// Longer than any load that makes sense: after it a person should look.
const BOUND: Duration = Duration::from_secs(14 * 24 * 3600);
/// Connect's API is limited per connection and day: look once a minute at the most in the long run.
const SLOWEST: Duration = Duration::from_secs(60);

/// Waits for the initial load.
pub struct WaitLoad;

#[async_trait]
impl Step<World> for WaitLoad {
    fn id(&self) -> &'static str {
        "wait-load"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "minutes to a day; Ctrl-C pauses, the same command goes on".into(),
            calls: vec!["Connect: GET connection?deep=true, about once a minute".into()],
            ..world.describe(format!(
                "wait until {} has loaded every mapping",
                world.subject.new.connect
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let connection = scope.world.connection(Side::New).await?;
        let mappings = &connection.mappings;
        if !mappings.is_empty() && mappings.iter().all(|mapping| mapping.state.is_loaded()) {
            return Ok(Observation::Done(output(&connection)));
        }
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let started = scope.clock.now();
        let seen = Mutex::new(BTreeSet::new());
        let mut interval = scope.world.interval;
        let mut first: Option<(Timestamp, u64)> = None;
        loop {
            let connection = scope.world.connection(Side::New).await?;
            check(&connection)?;
            let mut seen = seen.lock().await;
            let loaded = connection.mappings.iter().filter(|m| m.state.is_loaded());
            seen.extend(loaded.map(|mapping| mapping.object_name.clone()));
            let all = connection
                .mappings
                .iter()
                .all(|mapping| seen.contains(&mapping.object_name) && !mapping.state.is_loading());
            if all && !connection.mappings.is_empty() {
                return Ok(output(&connection));
            }
            drop(seen);
            tell(scope, &connection, &mut first);
            if scope.clock.now().duration_since(started).unsigned_abs() > BOUND {
                return Err(StepError::failed("the load has taken two weeks")
                    .hint("look at the mappings in the dashboard"));
            }
            scope.sleep(interval).await?;
            interval = (interval.mul_f64(1.25)).min(SLOWEST.max(scope.world.interval));
        }
    }
}

/// Fails when the load cannot end well by itself, naming connection and mapping.
fn check(connection: &Connection) -> Result<(), StepError> {
    if connection.state == ConnectionState::TooManyRows {
        return Err(StepError::failed(
            "the new connection holds more rows than its plan allows (TOO_MANY_ROWS)",
        )
        .hint("ask Heroku to raise the contract, then resume it in the dashboard and run the same command"));
    }
    if connection.state.is_error() || connection.state == ConnectionState::Paused {
        return Err(StepError::failed(format!(
            "the new connection is in state {} while it should load",
            connection.state
        ))
        .hint(format!(
            "heroku connect:resume -a {} --resource {}, or connect:recover; then run the same command",
            connection.app_name, connection.resource_name
        )));
    }
    let bad: Vec<_> = connection
        .mappings
        .iter()
        .filter(|mapping| is_bad(mapping))
        .collect();
    let Some(first) = bad.first() else {
        return Ok(());
    };
    let mut error = StepError::failed(format!(
        "the load of {} stopped in state {}",
        first.object_name, first.state
    ))
    .hint(format!(
        "heroku connect:mapping:reload {} -a {} --resource {}, then run the same command",
        first.object_name, connection.app_name, connection.resource_name
    ));
    error.causes = bad
        .iter()
        .map(|mapping| {
            let words = mapping
                .state_description
                .as_deref()
                .unwrap_or("no description");
            format!("{} is {}: {words}", mapping.object_name, mapping.state)
        })
        .collect();
    Err(error)
}

fn is_bad(mapping: &Mapping) -> bool {
    mapping.state.is_stopped_or_bad() && mapping.state != MappingState::Recovery
}

fn tell(scope: &Scope<'_, World>, connection: &Connection, first: &mut Option<(Timestamp, u64)>) {
    let sum = |count: fn(&Mapping) -> Option<u64>| {
        connection.mappings.iter().filter_map(count).sum::<u64>()
    };
    let (done, total) = (sum(|m| m.counts.db), sum(|m| m.counts.sf));
    let now = scope.clock.now();
    let (since, before) = *first.get_or_insert((now, done));
    let elapsed = now.duration_since(since).as_secs_f64();
    let gained = done.saturating_sub(before);
    let left = total.saturating_sub(done);
    #[expect(clippy::cast_precision_loss, reason = "an estimate in seconds")]
    let eta = (gained > 0 && elapsed > 0.0).then(|| left as f64 * elapsed / gained as f64);
    let loading: Vec<_> = connection
        .mappings
        .iter()
        .filter(|mapping| !mapping.state.is_loaded())
        .map(|mapping| match (mapping.counts.db, mapping.counts.sf) {
            (Some(db), Some(sf)) => {
                format!("{} {db} of about {sf} rows", mapping.object_name)
            }
            _ => format!("{} {}", mapping.object_name, mapping.state),
        })
        .collect();
    scope.progress(Progress {
        message: loading.join(", "),
        done: Some(done),
        total: Some(total.max(done)),
        unit: Some("rows".into()),
        eta_seconds: eta.map(|seconds| seconds.max(0.0) as u64),
    });
}

fn output(connection: &Connection) -> Value {
    let mappings = connection.mappings.iter().map(|mapping| {
        json!({
            "object": mapping.object_name,
            "rows": mapping.counts.db,
            "salesforce_rows": mapping.counts.sf,
        })
    });
    json!({ "mappings": mappings.collect::<Vec<_>>() })
}
