//! What others do to an app, and how Heroku is told to treat it.

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::SecretString;

use super::app::{DynoDelays, ReleasePhase};
use super::names;
use super::provisioning::Provisioning;
use super::refusal::Refusal;
use super::spec::SpecError;
use super::state::{Credential, World};

impl World {
    pub(crate) fn set_release_phase(&self, app: &str, phase: ReleasePhase) -> Result<(), Refusal> {
        self.with(|state| {
            state.app_mut(app)?.release_phase = phase;
            Ok(())
        })
    }

    pub(crate) fn set_provisioning(&self, app: &str, rule: Provisioning) -> Result<(), Refusal> {
        self.with(|state| {
            state.app_mut(app)?.provisioning = rule;
            Ok(())
        })
    }

    pub(crate) fn set_dyno_delays(
        &self,
        app: &str,
        start: Duration,
        stop: Duration,
    ) -> Result<(), Refusal> {
        self.with(|state| {
            state.app_mut(app)?.delays = DynoDelays { start, stop };
            Ok(())
        })
    }

    pub(crate) fn set_boot_crashes(&self, app: &str, crashes: bool) -> Result<(), Refusal> {
        self.with(|state| {
            state.app_mut(app)?.crashes_at_boot = crashes;
            Ok(())
        })
    }

    /// Makes a database look like a follower of another to the Data API.
    pub(crate) fn set_following(&self, addon: &str, leader: Option<String>) -> Result<(), Refusal> {
        self.with(|state| {
            let id = state.addon(addon)?.id;
            let addon = state
                .addons
                .get_mut(&id)
                .ok_or_else(|| Refusal::not_found("addon"))?;
            addon.following = leader;
            Ok(())
        })
    }

    /// Gives a database's default credential a new password, as `pg:credentials:rotate --force` does:
    /// config vars follow, with a release of each app that has the database attached, and sessions with
    /// the old password end (devcenter, heroku-postgresql-credentials).
    pub(crate) async fn rotate_credentials(&self, addon: &str) -> Result<(), SpecError> {
        let (id, old, password) = self.with(|state| {
            let found = state.addon(addon)?;
            let (id, database) = (found.id, found.database.clone());
            let database = database.ok_or_else(|| Refusal::not_found("addon"))?;
            let password = SecretString::from(names::letters(&mut state.rng, "p", 64));
            Ok::<_, Refusal>((id, database, password))
        })?;
        let rotated = old.server.rotate(&old, password).await?;
        let apps = self.with(|state| {
            let apps: BTreeSet<_> = state.attachments_to(id).map(|each| each.app).collect();
            if let Some(found) = state.addons.get_mut(&id) {
                found.database = Some(rotated);
            }
            apps
        });
        old.server.end_sessions(&old).await?;
        for app in apps {
            self.release(app, format!("Rotate credentials of {addon}"));
        }
        Ok(())
    }

    /// Gives a database a named credential (`pg:credentials:create`).
    pub(crate) async fn add_credential(&self, addon: &str, name: &str) -> Result<(), SpecError> {
        let (id, database, role, password) = self.with(|state| {
            let found = state.addon(addon)?;
            let database = found
                .database
                .clone()
                .ok_or_else(|| Refusal::not_found("addon"))?;
            let id = found.id;
            let role = names::letters(&mut state.rng, "u", 13);
            let password = SecretString::from(names::letters(&mut state.rng, "p", 64));
            Ok::<_, Refusal>((id, database, role, password))
        })?;
        database
            .server
            .create_credential(&database, &role, &password)
            .await?;
        self.with(|state| {
            if let Some(found) = state.addons.get_mut(&id) {
                found.credentials.push(Credential {
                    name: name.to_owned(),
                    role,
                    password,
                });
            }
        });
        Ok(())
    }
}
