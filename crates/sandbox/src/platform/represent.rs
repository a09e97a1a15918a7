//! How the Platform API shows things: the fields of the public schema.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::world::{
    Addon, App, Attachment, DYNO_SIZES, Dyno, Plan, ProcessType, Release, Service, State, World,
    dyno_size_id,
};

/// Seconds and a Z, as Heroku writes times.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn app_reference(app: &App) -> Value {
    json!({ "id": app.id, "name": app.name })
}

/// `{id, name}` of an app, whatever became of it.
fn app_of(state: &State, id: uuid::Uuid) -> Value {
    state.apps.get(&id).map_or(Value::Null, app_reference)
}

pub(super) fn app(app: &App, world: &World) -> Value {
    json!({
        "acm": false,
        "archived_at": null,
        "build_stack": { "id": app.id, "name": "heroku-24" },
        "buildpack_provided_description": "Ruby",
        "created_at": time(app.created_at),
        "generation": { "id": world.account(), "name": "cedar" },
        "git_url": format!("https://git.heroku.com/{}.git", app.name),
        "id": app.id,
        "internal_routing": null,
        "maintenance": app.maintenance,
        "name": app.name,
        "organization": null,
        "owner": { "email": world.email(), "id": world.account() },
        "region": { "id": world.account(), "name": app.region },
        "released_at": app.current_release().map(|release| time(release.created_at)),
        "repo_size": 0,
        "slug_size": 0,
        "space": null,
        "stack": { "id": app.id, "name": "heroku-24" },
        "team": null,
        "updated_at": time(app.updated_at),
        "web_url": format!("https://{}.herokuapp.com/", app.name),
    })
}

pub(super) fn service(service: &Service) -> Value {
    json!({
        "cli_plugin_name": null,
        "created_at": "2012-01-01T12:00:00Z",
        "human_name": service.human_name,
        "id": service.id,
        "name": service.name,
        "state": "ga",
        "supported_generations": [],
        "supports_multiple_installations": true,
        "supports_sharing": true,
        "updated_at": "2012-01-01T12:00:00Z",
    })
}

fn price(plan: &Plan) -> Value {
    json!({ "cents": plan.cents, "contract": plan.contract, "unit": "month" })
}

pub(super) fn plan(plan: &Plan) -> Value {
    let service = plan.service();
    json!({
        "addon_service": { "id": service.id, "name": service.name },
        "compliance": [],
        "created_at": "2012-01-01T12:00:00Z",
        "default": service.default_plan == plan.name,
        "description": format!("{} {}", service.human_name, plan.human_name),
        "human_name": plan.human_name,
        "id": plan.id,
        "installable_inside_private_network": true,
        "installable_outside_private_network": true,
        "name": plan.name,
        "price": price(plan),
        "space_default": false,
        "state": "ga",
        "updated_at": "2012-01-01T12:00:00Z",
        "visible": true,
    })
}

/// How much of related things an answer holds (`Accept-Expansion`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Expansion {
    pub(super) service: bool,
    pub(super) plan: bool,
}

impl Expansion {
    pub(super) fn of(headers: &axum::http::HeaderMap) -> Self {
        let wanted = headers
            .get("Accept-Expansion")
            .and_then(|value| value.to_str().ok());
        let has = |name: &str| wanted.is_some_and(|all| all.split(',').any(|e| e.trim() == name));
        Self {
            service: has("addon_service"),
            plan: has("plan"),
        }
    }
}

pub(super) fn addon(addon: &Addon, state: &State, expansion: Expansion, world: &World) -> Value {
    let addon_service = if expansion.service {
        service(addon.plan.service())
    } else {
        json!({ "id": addon.plan.service().id, "name": addon.plan.service().name })
    };
    let plan = if expansion.plan {
        plan(addon.plan)
    } else {
        json!({ "id": addon.plan.id, "name": addon.plan.name })
    };
    let config_vars = state
        .attachments_to(addon.id)
        .filter(|attachment| attachment.app == addon.app && attachment.namespace.is_none())
        .flat_map(|attachment| attachment.config_vars(addon))
        .map(|(name, _)| name)
        .collect::<Vec<_>>();
    let app = app_of(state, addon.app);
    let app_name = app["name"].clone();
    json!({
        "actions": [],
        "addon_service": addon_service,
        "app": app,
        "billed_price": price(addon.plan),
        "billing_entity": { "id": addon.app, "name": app_name, "type": "app" },
        "config_vars": config_vars,
        "created_at": time(addon.created_at),
        "id": addon.id,
        "name": addon.name,
        "plan": plan,
        "provider_id": addon.id,
        "provision_message": provision_message(addon),
        "state": addon.state.as_str(),
        "updated_at": time(addon.updated_at),
        "web_url": format!("https://addons-sso.heroku.com/apps/{}/addons/{}", world.account(), addon.id),
    })
}

fn provision_message(addon: &Addon) -> String {
    match addon.plan.service().name {
        "herokuconnect" => {
            "Use 'heroku addons:open herokuconnect' to finish setup of Heroku Connect.".to_owned()
        }
        _ => format!(
            "{} is being created. Use 'heroku pg:wait' to track status.",
            addon.name
        ),
    }
}

/// What `Accept-Inclusion` adds to an attachment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Inclusion {
    pub(super) plan: bool,
    pub(super) config_vars: bool,
}

impl Inclusion {
    pub(super) fn of(headers: &axum::http::HeaderMap) -> Self {
        let wanted = headers
            .get("Accept-Inclusion")
            .and_then(|value| value.to_str().ok());
        let has = |name: &str| wanted.is_some_and(|all| all.split(',').any(|e| e.trim() == name));
        Self {
            plan: has("addon:plan"),
            config_vars: has("config_vars"),
        }
    }
}

pub(super) fn attachment(each: &Attachment, state: &State, inclusion: Inclusion) -> Value {
    let addon = state.addons.get(&each.addon);
    let mut addon_value = addon.map_or(
        Value::Null,
        |addon| json!({ "app": app_of(state, addon.app), "id": addon.id, "name": addon.name }),
    );
    if let (true, Some(addon)) = (inclusion.plan, addon) {
        addon_value["plan"] = json!({ "id": addon.plan.id, "name": addon.plan.name });
    }
    let mut value = json!({
        "addon": addon_value,
        "app": app_of(state, each.app),
        "created_at": time(each.created_at),
        "id": each.id,
        "log_input_url": null,
        "name": each.name,
        "namespace": each.namespace.as_ref().map(ToString::to_string),
        "updated_at": time(each.updated_at),
        "web_url": null,
    });
    if let (true, Some(addon)) = (inclusion.config_vars, addon) {
        let names = each.config_vars(addon).into_iter().map(|(name, _)| name);
        value["config_vars"] = names.collect::<Vec<_>>().into();
    }
    value
}

pub(super) fn formation(process: &ProcessType, app: &App) -> Value {
    json!({
        "app": app_reference(app),
        "command": process.command,
        "created_at": time(process.created_at),
        "dyno_size": { "id": dyno_size_id(process.size), "name": process.size },
        "id": process.id,
        "quantity": process.quantity,
        "size": process.size,
        "type": process.name,
        "updated_at": time(process.updated_at),
    })
}

pub(super) fn dyno(dyno: &Dyno, app: &App) -> Value {
    json!({
        "app": app_reference(app),
        "attach_url": null,
        "command": dyno.command,
        "created_at": time(dyno.created_at),
        "id": dyno.id,
        "name": dyno.name,
        "release": { "id": dyno.release_id, "version": dyno.release_version },
        "size": dyno.size,
        "state": dyno.state.as_str(),
        "type": dyno.process_type,
        "updated_at": time(dyno.updated_at),
    })
}

pub(super) fn release(release: &Release, app: &App, world: &World) -> Value {
    let current = app
        .current_release()
        .is_some_and(|current| current.id == release.id);
    let output = release
        .had_phase
        .then(|| format!("https://release-output.heroku.com/streams/{}", release.id));
    json!({
        "addon_plan_names": release.addon_plans,
        "app": app_reference(app),
        "artifacts": [],
        "created_at": time(release.created_at),
        "current": current,
        "description": release.description,
        "eligible_for_rollback": !current,
        "id": release.id,
        "output_stream_url": output,
        "slug": { "id": app.id },
        "status": release.status.as_str(),
        "updated_at": time(release.updated_at),
        "user": { "email": world.email(), "id": world.account() },
        "version": release.version,
    })
}

pub(super) fn dyno_sizes(world: &World) -> Value {
    let size = |(name, memory, cents): (&'static str, f64, i64)| {
        json!({
            "architecture": "amd64",
            "compute": 1,
            "cost": { "cents": cents, "unit": "month" },
            "dedicated": name.starts_with("Performance"),
            "generation": { "id": world.account(), "name": "cedar" },
            "id": dyno_size_id(name),
            "memory": memory,
            "name": name,
            "precise_dyno_units": 1.0,
            "private_space_only": false,
        })
    };
    DYNO_SIZES.into_iter().map(size).collect()
}

pub(super) fn account(world: &World) -> Value {
    json!({
        "allow_tracking": false,
        "beta": false,
        "country_of_residence": null,
        "created_at": "2012-01-01T12:00:00Z",
        "default_organization": null,
        "default_team": null,
        "delinquent_at": null,
        "email": world.email(),
        "federated": false,
        "id": world.account(),
        "identity_provider": null,
        "last_login": time(world.now()),
        "name": "Operator",
        "sms_number": null,
        "suspended_at": null,
        "two_factor_authentication": false,
        "updated_at": "2012-01-01T12:00:00Z",
        "verified": true,
    })
}
