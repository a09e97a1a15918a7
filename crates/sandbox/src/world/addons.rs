//! Add-ons asked for, changed and destroyed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::attachments::Attachment;
use super::catalog::{CONNECT, Plan, Service};
use super::names;
use super::refusal::Refusal;
use super::state::{Addon, AddonState, State, World};
use crate::servers::Generation;

/// What a client asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewAddon {
    pub(crate) plan: String,
    pub(crate) name: Option<String>,
    pub(crate) attachment: Option<String>,
    pub(crate) confirm: Option<String>,
    pub(crate) config: Map<String, Value>,
}

impl World {
    /// Starts provisioning: the add-on and its attachment are there at once, its config vars when
    /// it is done (devcenter, "Add-ons", asynchronous provisioning).
    pub(crate) fn create_addon(&self, app: &str, new: &NewAddon) -> Result<Uuid, Refusal> {
        let major = self.server(Generation::New).major();
        let now = self.now();
        let (app, addon, descriptions) = self.with(|state| {
            let (app_id, app_name) = state.app(app).map(|app| (app.id, app.name.clone()))?;
            let plan = Plan::find(&new.plan).ok_or_else(|| Refusal::not_found("plan"))?;
            check_config(plan, &new.config, major)?;
            let name = state.free_addon_name(plan.service(), new.name.as_deref())?;
            let mut descriptions = Vec::new();
            let attachment = match new.attachment.as_deref() {
                Some(name) => {
                    let name = valid_attachment_name(name)?;
                    let taken =
                        state.take_name(app_id, &app_name, &name, new.confirm.as_deref())?;
                    descriptions.extend(taken);
                    name
                }
                None => state.default_attachment_name(app_id, plan.service()),
            };
            let id = names::uuid(&mut state.rng);
            descriptions.push(format!("Attach {attachment} (@ref:{name})"));
            state.addons.insert(
                id,
                Addon {
                    id,
                    name,
                    app: app_id,
                    plan,
                    state: AddonState::Provisioning,
                    generation: Generation::New,
                    created_at: now,
                    updated_at: now,
                    database: None,
                    credentials: Vec::new(),
                    provisioned_at: None,
                    connect_url: None,
                    following: None,
                },
            );
            let attachment_id = names::uuid(&mut state.rng);
            state.attachments.push(Attachment {
                id: attachment_id,
                name: attachment,
                addon: id,
                app: app_id,
                namespace: None,
                created_at: now,
                updated_at: now,
            });
            Ok((app_id, id, descriptions))
        })?;
        for description in descriptions {
            self.release(app, description);
        }
        self.provision(addon);
        Ok(addon)
    }

    /// Destroys an add-on with all its attachments; its database is dropped.
    pub(crate) fn destroy_addon(
        &self,
        app: &str,
        addon: &str,
        force: bool,
    ) -> Result<Addon, Refusal> {
        let (mut addon, detached) = self.with(|state| {
            let app = state.app(app)?.id;
            let addon = state.addon_of_app(app, addon)?.clone();
            if addon.app != app {
                return Err(Refusal::forbidden(
                    "Add-ons are destroyed by the app that is billed for them.",
                ));
            }
            let foreign = state.attachments_to(addon.id).find(|each| each.app != app);
            if let (Some(foreign), false) = (foreign, force) {
                let other = state
                    .apps
                    .get(&foreign.app)
                    .map_or("another app", |app| &app.name);
                return Err(Refusal::invalid(format!(
                    "{} is attached to {other}. Detach it there, or use force to destroy it with \
                     all its attachments.",
                    addon.name
                )));
            }
            let detached = state
                .attachments_to(addon.id)
                .map(|each| {
                    (
                        each.app,
                        format!("Detach {} (@ref:{})", each.name, addon.name),
                    )
                })
                .collect::<Vec<_>>();
            state.attachments.retain(|each| each.addon != addon.id);
            state.addons.remove(&addon.id);
            Ok((addon, detached))
        })?;
        for (app, description) in detached {
            self.release(app, description);
        }
        addon.state = AddonState::Deprovisioned;
        addon.updated_at = self.now();
        self.deprovision(&addon);
        Ok(addon)
    }

    /// Renames an add-on or changes its plan.
    pub(crate) fn update_addon(
        &self,
        app: &str,
        addon: &str,
        name: Option<&str>,
        plan: Option<&str>,
    ) -> Result<Uuid, Refusal> {
        let now = self.now();
        self.with(|state| {
            let app = state.app(app)?.id;
            let current = state.addon_of_app(app, addon)?.clone();
            let plan = match plan {
                None => current.plan,
                Some(name) => Plan::find(name).ok_or_else(|| Refusal::not_found("plan"))?,
            };
            if plan.service() != current.plan.service() {
                return Err(Refusal::invalid(
                    "The plan belongs to another add-on service.",
                ));
            }
            let name = match name {
                Some(name) if name != current.name => {
                    state.free_addon_name(plan.service(), Some(name))?
                }
                _ => current.name,
            };
            let addon = state
                .addons
                .get_mut(&current.id)
                .ok_or_else(|| Refusal::not_found("addon"))?;
            (addon.name, addon.plan, addon.updated_at) = (name, plan, now);
            Ok(current.id)
        })
    }
}

impl State {
    pub(super) fn free_addon_name(
        &mut self,
        service: &Service,
        wanted: Option<&str>,
    ) -> Result<String, Refusal> {
        let taken = |name: &str| self.addons.values().any(|addon| addon.name == name);
        match wanted {
            Some(name) if !is_addon_name(name) => Err(Refusal::invalid(
                "Name must start with a letter and can only contain letters, digits, underscores \
                 and dashes.",
            )),
            Some(name) if taken(name) => Err(Refusal::invalid("Name is already taken")),
            Some(name) => Ok(name.to_owned()),
            None => loop {
                let name = names::addon(&mut self.rng, service.name);
                if !self.addons.values().any(|addon| addon.name == name) {
                    break Ok(name);
                }
            },
        }
    }

    /// `DATABASE` or `HEROKUCONNECT` while free, then a coloured name.
    pub(super) fn default_attachment_name(&mut self, app: Uuid, service: &Service) -> String {
        let taken = self.attachments.iter().filter(|each| each.app == app);
        let taken = taken
            .map(|each| each.name.as_str())
            .collect::<BTreeSet<_>>();
        let (plain, prefix) = if service.name == CONNECT {
            ("HEROKUCONNECT", "HEROKUCONNECT")
        } else {
            ("DATABASE", "HEROKU_POSTGRESQL")
        };
        names::attachment(&mut self.rng, plain, prefix, &taken)
    }
}

fn is_addon_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() > 1
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Attachment names are upper-cased by Heroku; they become the beginning of config vars.
pub(super) fn valid_attachment_name(name: &str) -> Result<String, Refusal> {
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if valid {
        Ok(name.to_ascii_uppercase())
    } else {
        Err(Refusal::invalid(
            "Attachment name must start with a letter and can only contain uppercase letters, \
             digits, and underscores.",
        ))
    }
}

fn check_config(plan: &Plan, config: &Map<String, Value>, major: u32) -> Result<(), Refusal> {
    if !plan.is_postgres() {
        return Ok(());
    }
    for key in ["follow", "fork", "rollback"] {
        if config.contains_key(key) {
            return Err(Refusal::invalid(format!(
                "This sandbox has no databases with --{key}."
            )));
        }
    }
    let wanted = match config.get("version") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if wanted == major.to_string() {
        Ok(())
    } else {
        Err(Refusal::invalid(format!(
            "Version {wanted} is not available. Supported versions: {major}."
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_version_is_sold() {
        let plan = Plan::find("heroku-postgresql:standard-0").unwrap();
        let config = |version: Value| Map::from_iter([("version".to_owned(), version)]);
        assert!(check_config(plan, &Map::new(), 15).is_ok());
        assert!(check_config(plan, &config("15".into()), 15).is_ok());
        assert!(check_config(plan, &config(15.into()), 15).is_ok());
        assert_eq!(
            check_config(plan, &config("9.6".into()), 15)
                .unwrap_err()
                .status,
            422
        );
        let follow = Map::from_iter([("follow".to_owned(), Value::from("DATABASE"))]);
        assert!(check_config(plan, &follow, 15).is_err());
    }

    #[test]
    fn attachment_names_are_upper_case() {
        assert_eq!(
            valid_attachment_name("new_database").unwrap(),
            "NEW_DATABASE"
        );
        assert!(valid_attachment_name("2nd").is_err());
        assert!(valid_attachment_name("A-B").is_err());
    }
}
