//! The world as Connect sees it.

use uuid::Uuid;

use super::state::{AddonState, World};
use crate::apps::{AppDirectory, ConnectAddon};

impl AppDirectory for World {
    fn config_var(&self, app: &str, key: &str) -> Option<String> {
        self.with(|state| {
            let app = state.app(app).ok()?.id;
            state.config_vars(app).remove(key)
        })
    }

    fn config_var_names(&self, app: &str) -> Vec<(String, Option<String>)> {
        self.with(|state| {
            let Ok(app) = state.app(app).map(|app| app.id) else {
                return Vec::new();
            };
            let plan_of = |name: &str| {
                state
                    .attachments_of(app)
                    .filter_map(|attachment| {
                        Some((attachment, state.addons.get(&attachment.addon)?))
                    })
                    .filter(|(_, addon)| addon.plan.is_postgres())
                    .find(|(each, addon)| each.config_vars(addon).iter().any(|var| var.0 == name))
                    .map(|(_, addon)| addon.plan.name.to_owned())
            };
            state
                .config_vars(app)
                .into_keys()
                .map(|name| {
                    let plan = plan_of(&name);
                    (name, plan)
                })
                .collect()
        })
    }

    fn app_id(&self, app: &str) -> Option<Uuid> {
        self.with(|state| state.app(app).ok().map(|app| app.id))
    }

    fn connect_addons(&self, app: &str) -> Vec<ConnectAddon> {
        self.with(|state| {
            let Ok(app) = state.app(app).map(|app| app.id) else {
                return Vec::new();
            };
            let mut ids = state
                .attachments_of(app)
                .map(|each| each.addon)
                .collect::<Vec<_>>();
            ids.sort_unstable();
            ids.dedup();
            ids.into_iter()
                .filter_map(|id| state.connect_addon(id))
                .collect()
        })
    }
}

impl World {
    /// Sets what a Connect add-on's config var says. A changed value makes a release, as any
    /// changed config var does.
    pub(crate) fn set_connect_url(&self, addon: &str, url: Option<String>) {
        let changed = self.with(|state| {
            let id = state.addon(addon).ok()?.id;
            let addon = state.addons.get_mut(&id)?;
            let changed = addon.connect_url != url;
            addon.connect_url = url;
            changed.then(|| (addon.app, addon.name.clone()))
        });
        if let Some((app, name)) = changed {
            self.release(app, format!("Update HEROKUCONNECT by {name}"));
        }
    }

    /// The names of all Connect add-ons that are provisioned.
    pub(crate) fn connect_addon_names(&self) -> Vec<String> {
        self.with(|state| {
            let ids = state.addons.keys().copied().collect::<Vec<_>>();
            let there = ids.into_iter().filter_map(|id| state.connect_addon(id));
            there.map(|addon| addon.resource_name).collect()
        })
    }
}

impl super::state::State {
    /// A provisioned Connect add-on as its provider knows it.
    pub(crate) fn connect_addon(&self, id: Uuid) -> Option<ConnectAddon> {
        let addon = self.addons.get(&id)?;
        let app = self.apps.get(&addon.app)?;
        let there = addon.plan.is_connect() && addon.state == AddonState::Provisioned;
        there.then(|| ConnectAddon {
            id,
            resource_name: addon.name.clone(),
            plan: addon.plan.short_name().to_owned(),
            app_name: app.name.clone(),
            app_id: app.id,
            region: app.region.clone(),
        })
    }
}
