//! Setting and watching the formation.

use std::time::Duration;

use connect_swap_engine::{Level, Progress, Scope, StepError};
use connect_swap_heroku::platform::{Dyno, DynoState, FormationUpdate};
use serde_json::{Value, json};

use crate::steps::cutover::AppState;
use crate::trouble::During;
use crate::world::World;

/// A dyno has 60 seconds to bind its port, and slugs take a while to start (devcenter dynos).
const UP_BOUND: Duration = Duration::from_secs(15 * 60);

/// Sets absolute quantities and sizes.
pub(crate) async fn update(world: &World, updates: &[FormationUpdate]) -> Result<(), StepError> {
    if updates.is_empty() {
        return Ok(());
    }
    let app = &world.subject.app;
    let updated = world.heroku.platform().update_formation(app, updates).await;
    updated.during("setting the formation").map(drop)
}

/// Whether types, quantities and sizes are as recorded.
pub(crate) async fn is_as(world: &World, state: &AppState) -> Result<bool, StepError> {
    let app = &world.subject.app;
    let now = world
        .heroku
        .platform()
        .formation(app)
        .await
        .during("reading the formation")?;
    Ok(state.running().all(|wanted| {
        now.iter().any(|process| {
            process.process_type == wanted.process_type
                && process.quantity == wanted.quantity
                && process.size.eq_ignore_ascii_case(&wanted.size)
        })
    }))
}

/// Waits until users can be served again: all dynos up, or all of the web ones. At the latest after
/// [`UP_BOUND`] the run goes on: a worker that crashes again and again must not keep the maintenance
/// page up, and a web dyno that does not boot is not mended by waiting.
pub(crate) async fn wait_up(
    scope: &Scope<'_, World>,
    state: &AppState,
) -> Result<Value, StepError> {
    let world = scope.world;
    let app = &world.subject.app;
    let wait = world.wait(
        "the dynos to be up",
        UP_BOUND * 2,
        "look at `heroku ps` and `heroku logs`",
    );
    let started = scope.clock.now();
    let standing = scope
        .wait_for(&wait, async || {
            let dynos = world.heroku.platform().dynos(app).await;
            let standing = Standing::of(state, &dynos.during("reading the dynos")?);
            scope.progress(Progress::message(standing.words.join(", ")));
            let waited = scope.clock.now().duration_since(started).unsigned_abs();
            Ok((standing.serves() || waited >= UP_BOUND).then_some(standing))
        })
        .await?;
    if !standing.missing.is_empty() {
        scope.notice(
            Level::Warning,
            format!(
                "not up yet: {}; maintenance mode goes off all the same. See heroku ps -a {app} \
                 and heroku logs -a {app} --tail",
                standing.missing.join(", ")
            ),
        );
    }
    Ok(json!({ "dynos": standing.words, "not_up": standing.missing }))
}

/// How far the dynos are.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    /// Each process type in words.
    words: Vec<String>,
    /// Of these, what is not up.
    missing: Vec<String>,
    /// Whether every web dyno is up; nothing where the app has none.
    web: Option<bool>,
}

impl Standing {
    fn of(state: &AppState, dynos: &[Dyno]) -> Self {
        let mut standing = Self {
            words: Vec::new(),
            missing: Vec::new(),
            web: None,
        };
        for process in state.running() {
            let of_type = |state: DynoState| {
                let of_type = dynos
                    .iter()
                    .filter(move |dyno| dyno.process_type == process.process_type);
                of_type.filter(move |dyno| dyno.state == state)
            };
            let up = of_type(DynoState::Up).count();
            let crashed = of_type(DynoState::Crashed);
            let crashed: Vec<_> = crashed.map(|dyno| dyno.name.as_str()).collect();
            let mut words = format!("{} {up} of {}", process.process_type, process.quantity);
            if !crashed.is_empty() {
                words = format!("{words} (crashed: {})", crashed.join(", "));
            }
            let complete = up >= process.quantity as usize;
            if process.process_type == "web" {
                standing.web = Some(complete);
            }
            if !complete {
                standing.missing.push(words.clone());
            }
            standing.words.push(words);
        }
        standing
    }

    fn serves(&self) -> bool {
        self.missing.is_empty() || self.web == Some(true)
    }
}

/// What a person types to put the formation back.
pub(crate) fn by_hand(scope: &Scope<'_, World>) -> Vec<String> {
    let Ok(Some(state)) = scope.outputs.find::<AppState>("record-state") else {
        return vec![format!("heroku ps:scale -a {}", scope.world.subject.app)];
    };
    let each = state.running().map(|process| {
        format!(
            "{}={}:{}",
            process.process_type, process.quantity, process.size
        )
    });
    let each: Vec<_> = each.collect();
    vec![format!(
        "heroku ps:scale {} -a {}",
        each.join(" "),
        scope.world.subject.app
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::dyno;

    fn formation(types: &[(&str, u32)]) -> AppState {
        let processes = types.iter().map(|(name, quantity)| {
            json!({ "process_type": name, "quantity": quantity, "size": "Standard-1X" })
        });
        serde_json::from_value(json!({
            "formation": processes.collect::<Vec<_>>(), "maintenance": false,
            "old_paused": false, "new_paused": false,
            "behind": { "refused": 0, "without_sfid": 0 },
            "settings": { "database": "d", "role": "r", "settings": [] },
        }))
        .unwrap()
    }

    #[test]
    fn a_worker_that_crashes_does_not_keep_the_maintenance_page_up() {
        let state = formation(&[("web", 2), ("worker", 1)]);
        let mut dynos = vec![
            dyno("web.1", "web", "up"),
            dyno("web.2", "web", "starting"),
            dyno("worker.1", "worker", "crashed"),
        ];
        assert!(!Standing::of(&state, &dynos).serves());
        dynos[1] = dyno("web.2", "web", "up");
        let standing = Standing::of(&state, &dynos);
        assert!(standing.serves());
        assert_eq!(standing.missing, ["worker 0 of 1 (crashed: worker.1)"]);
    }

    #[test]
    fn an_app_without_web_dynos_is_waited_for_as_a_whole() {
        let state = formation(&[("worker", 2)]);
        let mut dynos = vec![dyno("worker.1", "worker", "up")];
        assert!(!Standing::of(&state, &dynos).serves());
        dynos.push(dyno("worker.2", "worker", "up"));
        assert!(Standing::of(&state, &dynos).serves());
    }
}
