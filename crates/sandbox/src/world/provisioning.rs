//! What happens behind an add-on's states.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::names;
use super::state::{Addon, AddonState, World};

/// How the provisioning of an app's next add-ons goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provisioning {
    /// How long it takes, in sandbox time; the sandbox's own delay where it is `None`.
    pub seconds: Option<u64>,
    /// How it ends.
    pub outcome: ProvisioningOutcome,
}

/// How provisioning ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProvisioningOutcome {
    /// The add-on becomes `provisioned`.
    #[default]
    Succeeds,
    /// The add-on becomes `deprovisioned` and its attachment goes.
    Fails,
    /// It stays `provisioning`.
    Hangs,
}

impl World {
    pub(super) fn provision(&self, addon: Uuid) {
        let world = self.clone();
        self.spawn(async move { world.run_provisioning(addon).await });
    }

    async fn run_provisioning(&self, addon: Uuid) {
        let Some(rule) = self.with(|state| {
            let app = state.addons.get(&addon)?.app;
            Some(state.apps.get(&app)?.provisioning)
        }) else {
            return;
        };
        let delay = rule
            .seconds
            .map_or(self.delays().provisioning, Duration::from_secs);
        self.clock().sleep(delay).await;
        match rule.outcome {
            ProvisioningOutcome::Hangs => {}
            ProvisioningOutcome::Fails => self.fail_provisioning(addon),
            ProvisioningOutcome::Succeeds => {
                if self.make_database(addon).await.is_err() {
                    self.fail_provisioning(addon);
                } else {
                    self.complete_provisioning(addon);
                }
            }
        }
    }

    /// Makes the database of a Postgres add-on; nothing for others.
    pub(super) async fn make_database(
        &self,
        addon: Uuid,
    ) -> Result<(), crate::servers::ServerError> {
        let Some((generation, name, role, password)) = self.with(|state| {
            let found = state
                .addons
                .get(&addon)
                .filter(|found| found.plan.is_postgres())?;
            let generation = found.generation;
            let rng = &mut state.rng;
            let name = names::letters(rng, "d", 13);
            let role = names::letters(rng, "u", 13);
            Some((
                generation,
                name,
                role,
                SecretString::from(names::letters(rng, "p", 64)),
            ))
        }) else {
            return Ok(());
        };
        let server = self.server(generation);
        let database = server.create_database(&name, &role, password).await?;
        let kept = self.with(|state| {
            state
                .addons
                .get_mut(&addon)
                .map(|found| found.database = Some(database.clone()))
        });
        if kept.is_none() {
            // Destroyed while it was being made.
            server.drop_database(&database).await?;
        }
        Ok(())
    }

    fn complete_provisioning(&self, addon: Uuid) {
        let now = self.now();
        let Some((app, description, connect)) = self.with(|state| {
            let found = state.addons.get_mut(&addon)?;
            found.state = AddonState::Provisioned;
            found.updated_at = now;
            found.provisioned_at = Some(now);
            let found = found.clone();
            let vars = state
                .attachments_to(addon)
                .flat_map(|attachment| attachment.config_vars(&found))
                .map(|(name, _)| name)
                .collect::<Vec<_>>();
            let setting = match vars.as_slice() {
                [] => String::new(),
                vars => format!(", setting {}", vars.join(", ")),
            };
            let description = format!("@ref:{} completed provisioning{setting}.", found.name);
            Some((found.app, description, state.connect_addon(addon)))
        }) else {
            return;
        };
        if let (Some(connect), Some(observer)) = (connect, self.connect()) {
            observer.created(connect);
        }
        self.release(app, description);
    }

    fn fail_provisioning(&self, addon: Uuid) {
        let now = self.now();
        let detached = self.with(|state| {
            let found = state.addons.get_mut(&addon)?;
            found.state = AddonState::Deprovisioned;
            found.updated_at = now;
            let (app, name) = (found.app, found.name.clone());
            state.attachments.retain(|each| each.addon != addon);
            Some((app, name))
        });
        if let Some((app, name)) = detached {
            self.release(app, format!("@ref:{name} failed provisioning."));
        }
    }

    /// Frees what a destroyed add-on held.
    pub(super) fn deprovision(&self, addon: &Addon) {
        if addon.plan.is_connect()
            && let Some(observer) = self.connect()
        {
            observer.destroyed(addon.id);
        }
        if let Some(database) = addon.database.clone() {
            let clock = self.clock().clone();
            self.spawn(async move {
                // Somebody may connect again between the ending of sessions and the drop.
                for _ in 0..10 {
                    if database.server.drop_database(&database).await.is_ok() {
                        return;
                    }
                    clock.sleep(Duration::from_secs(5)).await;
                }
            });
        }
    }
}
