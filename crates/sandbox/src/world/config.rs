//! Config vars: what people set and what attachments set.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::refusal::Refusal;
use super::state::{State, World};

impl State {
    /// All config vars of an app as they are now.
    pub(crate) fn config_vars(&self, app: Uuid) -> BTreeMap<String, String> {
        let mut all = self
            .apps
            .get(&app)
            .map(|app| app.config.clone())
            .unwrap_or_default();
        for attachment in self.attachments_of(app) {
            if let Some(addon) = self.addons.get(&attachment.addon) {
                all.extend(attachment.config_vars(addon));
            }
        }
        all
    }

    /// The config vars that a dyno started now has: those of the current release. While a later one
    /// is pending, or when it has failed, dynos run on as before it (Heroku Dev Center, "Release Phase").
    pub(super) fn environment(&self, app: Uuid) -> BTreeMap<String, String> {
        let current = self.apps.get(&app).and_then(|app| app.current_release());
        current.map_or_else(|| self.config_vars(app), |release| release.config.clone())
    }

    /// The config vars that belong to attachments.
    fn attached_vars(&self, app: Uuid) -> Vec<String> {
        self.attachments_of(app)
            .filter_map(|attachment| Some((attachment, self.addons.get(&attachment.addon)?)))
            .flat_map(|(attachment, addon)| attachment.config_vars(addon))
            .map(|(name, _)| name)
            .collect()
    }
}

impl World {
    /// Sets config vars (`None` takes one away) and makes the release for it.
    pub(crate) fn set_config_vars(
        &self,
        app: &str,
        changes: &BTreeMap<String, Option<String>>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let (id, description) = self.with(|state| {
            let id = state.app(app)?.id;
            let attached = state.attached_vars(id);
            if let Some(name) = changes.keys().find(|name| attached.contains(name)) {
                return Err(Refusal::invalid(format!(
                    "Cannot overwrite attachment values {name}."
                )));
            }
            let app = state.app_mut(app)?;
            let (mut set, mut unset) = (Vec::new(), Vec::new());
            for (name, value) in changes {
                match value {
                    Some(value) if app.config.get(name) == Some(value) => {}
                    Some(value) => {
                        app.config.insert(name.clone(), value.clone());
                        set.push(name.as_str());
                    }
                    None if app.config.remove(name).is_some() => unset.push(name.as_str()),
                    None => {}
                }
            }
            Ok((id, description(&set, &unset)))
        })?;
        if let Some(description) = description {
            self.release(id, description);
        }
        Ok(self.with(|state| state.config_vars(id)))
    }
}

fn description(set: &[&str], unset: &[&str]) -> Option<String> {
    match (set, unset) {
        ([], []) => None,
        ([], unset) => Some(format!("Remove {} config vars", unset.join(", "))),
        (set, []) => Some(format!("Set {} config vars", set.join(", "))),
        (set, unset) => Some(format!(
            "Update {} and remove {} config vars",
            set.join(", "),
            unset.join(", ")
        )),
    }
}
