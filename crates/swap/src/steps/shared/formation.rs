//! Setting and watching the formation.

use std::time::Duration;

use connect_swap_engine::{Progress, Scope, StepError};
use connect_swap_heroku::platform::{DynoState, FormationUpdate};
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

/// Waits until as many dynos of each type are up as the formation keeps.
pub(crate) async fn wait_up(
    scope: &Scope<'_, World>,
    state: &AppState,
) -> Result<Value, StepError> {
    let world = scope.world;
    let app = &world.subject.app;
    let wait = world.wait(
        "the dynos to be up",
        UP_BOUND,
        "look at `heroku ps` and `heroku logs`",
    );
    scope
        .wait_for(&wait, async || {
            let dynos = world
                .heroku
                .platform()
                .dynos(app)
                .await
                .during("reading the dynos")?;
            let crashed = dynos.iter().filter(|dyno| dyno.state == DynoState::Crashed);
            let crashed: Vec<_> = crashed.map(|dyno| dyno.name.as_str()).collect();
            let up = |process_type: &str| {
                let of_type = dynos
                    .iter()
                    .filter(|dyno| dyno.process_type == process_type);
                of_type.filter(|dyno| dyno.state == DynoState::Up).count()
            };
            let mut words = Vec::new();
            let mut all = true;
            for process in state.running() {
                let (up, wanted) = (up(&process.process_type), process.quantity as usize);
                all &= up >= wanted;
                words.push(format!("{} {up} of {wanted}", process.process_type));
            }
            if !crashed.is_empty() {
                words.push(format!("crashed: {}", crashed.join(", ")));
            }
            scope.progress(Progress::message(words.join(", ")));
            Ok(all.then(|| json!({ "dynos": words })))
        })
        .await
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
