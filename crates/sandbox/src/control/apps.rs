//! Looking at apps and changing how Heroku treats them.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::routes::Control;
use crate::audit::Audit;
use crate::world::{App, Provisioning, Refusal, ReleaseOutcome, ReleasePhase, State as Heroku};

type Done = Result<StatusCode, Refusal>;

pub(super) async fn overview(State(control): State<Control>) -> Json<Value> {
    let world = &control.world;
    let apps = world.with(|state| {
        state
            .apps
            .values()
            .map(|app| app.name.clone())
            .collect::<Vec<_>>()
    });
    Json(json!({ "now": world.now(), "speed": world.clock().speed(), "apps": apps }))
}

pub(super) async fn summary(
    State(control): State<Control>,
    Path(app): Path<String>,
) -> Result<Json<Value>, Refusal> {
    control
        .world
        .with(|state| Ok(Json(shown(state, state.app(&app)?))))
}

fn shown(state: &Heroku, app: &App) -> Value {
    let formation = app.formation.values().map(|process| {
        (
            process.name.clone(),
            json!({ "quantity": process.quantity, "size": process.size }),
        )
    });
    let dynos = app.dynos.iter().map(|dyno| {
        json!({ "name": dyno.name, "state": dyno.state.as_str(), "release": dyno.release_version })
    });
    let releases = app.releases.iter().map(|release| {
        json!({
            "version": release.version,
            "status": release.status.as_str(),
            "description": release.description,
        })
    });
    let attachments = state.attachments_of(app.id).map(|each| {
        json!({
            "name": each.name,
            "addon": state.addons.get(&each.addon).map(|addon| &addon.name),
            "namespace": each.namespace.as_ref().map(ToString::to_string),
        })
    });
    json!({
        "name": app.name,
        "maintenance": app.maintenance,
        "formation": formation.collect::<serde_json::Map<_, _>>(),
        "dynos": dynos.collect::<Vec<_>>(),
        "releases": releases.collect::<Vec<_>>(),
        "attachments": attachments.collect::<Vec<_>>(),
        "turned_away": app.availability.all(),
    })
}

pub(super) async fn audit(
    State(control): State<Control>,
    Path(app): Path<String>,
) -> Result<Json<Audit>, Refusal> {
    let audit = control
        .world
        .audit(&app, Some(&*control.organisation))
        .await;
    audit
        .map(Json)
        .map_err(|error| Refusal::new(500, "audit", error.to_string()))
}

/// The outcome of release commands.
#[derive(Deserialize)]
pub(super) struct Phase {
    seconds: u64,
    outcome: ReleaseOutcome,
}

pub(super) async fn set_release_phase(
    State(control): State<Control>,
    Path(app): Path<String>,
    Json(phase): Json<Phase>,
) -> Done {
    let takes = Duration::from_secs(phase.seconds);
    control.world.set_release_phase(
        &app,
        ReleasePhase {
            takes,
            outcome: phase.outcome,
        },
    )?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn set_provisioning(
    State(control): State<Control>,
    Path(app): Path<String>,
    Json(provisioning): Json<Provisioning>,
) -> Done {
    control.world.set_provisioning(&app, provisioning)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Seconds of sandbox time.
#[derive(Deserialize)]
pub(super) struct Delays {
    start: f64,
    stop: f64,
}

pub(super) async fn set_dyno_delays(
    State(control): State<Control>,
    Path(app): Path<String>,
    Json(delays): Json<Delays>,
) -> Done {
    let seconds = |seconds| {
        Duration::try_from_secs_f64(seconds).map_err(|error| Refusal::invalid(error.to_string()))
    };
    control
        .world
        .set_dyno_delays(&app, seconds(delays.start)?, seconds(delays.stop)?)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct OneOff {
    r#type: String,
}

pub(super) async fn one_off(
    State(control): State<Control>,
    Path(app): Path<String>,
    Json(one_off): Json<OneOff>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let id = control
        .world
        .run_one_off(&app, &one_off.r#type, "bin/work", None)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

#[derive(Deserialize)]
pub(super) struct NewCredential {
    name: String,
}

pub(super) async fn add_credential(
    State(control): State<Control>,
    Path(addon): Path<String>,
    Json(credential): Json<NewCredential>,
) -> Done {
    control
        .world
        .add_credential(&addon, &credential.name)
        .await
        .map_err(|error| Refusal::invalid(error.to_string()))?;
    Ok(StatusCode::CREATED)
}

#[derive(Deserialize)]
pub(super) struct Following {
    leader: Option<String>,
}

pub(super) async fn set_following(
    State(control): State<Control>,
    Path(addon): Path<String>,
    Json(following): Json<Following>,
) -> Done {
    control.world.set_following(&addon, following.leader)?;
    Ok(StatusCode::NO_CONTENT)
}
