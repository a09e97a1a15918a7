//! What other people do to the app in the middle.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use serde_json::json;

use crate::stage::Stage;
use crate::start::{addons, ask, mapping_of_account, running, summary};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    /// Scales web up.
    Scales,
    /// Turns maintenance mode off.
    MaintenanceOff,
    /// Changes a config var: a release, and every dyno restarts.
    Deploys,
    /// Detaches the new database.
    Detaches,
    /// Promotes the new database by hand, in the window with both connections paused. Before that it
    /// would be a swap without any care, and what it loses or doubles its own.
    Promotes,
    /// Adds a field to a mapping of the old connection.
    EditsMapping,
    /// Starts a one-off dyno that heeds no maintenance mode.
    OneOff,
    /// Adds a column to a table and writes it.
    Migrates,
    /// Gives the old database a new password.
    RotatesOld,
    /// Gives the new database a new password.
    RotatesNew,
}

impl Deed {
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        [
            Self::Scales,
            Self::MaintenanceOff,
            Self::Deploys,
            Self::Detaches,
            Self::Promotes,
            Self::EditsMapping,
            Self::OneOff,
            Self::Migrates,
            Self::RotatesOld,
            Self::RotatesNew,
        ][rng.usize(0..10)]
    }

    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Scales => "somebody scales",
            Self::MaintenanceOff => "somebody ends maintenance",
            Self::Deploys => "somebody deploys",
            Self::Detaches => "somebody detaches the new database",
            Self::Promotes => "somebody promotes by hand",
            Self::EditsMapping => "somebody edits a mapping",
            Self::OneOff => "somebody runs a one-off dyno",
            Self::Migrates => "somebody migrates",
            Self::RotatesOld => "old credentials rotated",
            Self::RotatesNew => "new credentials rotated",
        }
    }

    pub(crate) async fn strike(self, stage: &Arc<Stage>) {
        let (sandbox, app) = (&stage.servers.sandbox, stage.app.as_str());
        match self {
            Self::Scales => {
                let _ = sandbox.scale(app, "web", 3);
            }
            Self::MaintenanceOff => {
                let off = json!({"maintenance": false});
                ask(stage, Method::PATCH, &format!("/apps/{app}"), Some(off)).await;
            }
            Self::Deploys => {
                let change = BTreeMap::from([("GREETING".to_owned(), Some("hello".to_owned()))]);
                let _ = sandbox.set_config_vars(app, &change);
            }
            Self::Detaches => detach(stage).await,
            Self::Promotes => {
                let shown = summary(sandbox, app).await;
                let is_down = shown["maintenance"] == true
                    && shown["dynos"].as_array().is_some_and(Vec::is_empty)
                    && running(sandbox, app).await.is_empty();
                if is_down && let Some(new) = new_database(stage).await {
                    attach(stage, &new, "DATABASE").await;
                }
            }
            Self::EditsMapping => {
                if let Some((path, mut mapping)) = mapping_of_account(stage).await {
                    mapping["config"]["fields"]["Rating"] = json!({});
                    ask(stage, Method::PUT, &path, Some(mapping)).await;
                }
            }
            Self::RotatesOld => {
                let _ = sandbox.rotate_credentials(&stage.old.database).await;
            }
            Self::RotatesNew => {
                if let Some(new) = new_database(stage).await {
                    let _ = sandbox.rotate_credentials(&new).await;
                }
            }
            Self::OneOff => {
                let _ = sandbox.run_one_off(app, "console");
            }
            Self::Migrates => {
                if let Some(database) = sandbox.database(app, "DATABASE")
                    && let Ok(session) = database.connect("migrations").await
                {
                    let migration = "SET lock_timeout = '2s'; \
                        ALTER TABLE public.customers ADD COLUMN IF NOT EXISTS nickname text; \
                        UPDATE public.customers SET nickname = 'n' || id WHERE nickname IS NULL";
                    let _ = session.batch_execute(migration).await;
                }
            }
        }
    }

    /// What a person puts back that the command asks to have put back.
    pub(crate) async fn amend(self, stage: &Arc<Stage>) {
        match self {
            Self::Detaches => {
                if let Some(new) = new_database(stage).await {
                    attach(stage, &new, "NEW_DATABASE").await;
                }
            }
            Self::Promotes
            | Self::Scales
            | Self::MaintenanceOff
            | Self::Deploys
            | Self::EditsMapping
            | Self::OneOff
            | Self::Migrates
            | Self::RotatesOld
            | Self::RotatesNew => {}
        }
    }
}

/// Ends what nobody else ends: one-off dynos, the release command's among them.
pub(crate) async fn stop_one_off_dynos(stage: &Arc<Stage>) {
    let shown = summary(&stage.servers.sandbox, &stage.app).await;
    for dyno in shown["dynos"].as_array().into_iter().flatten() {
        let name = dyno["name"].as_str().unwrap_or_default();
        if ["scheduler.", "console.", "release."]
            .iter()
            .any(|kind| name.starts_with(kind))
        {
            let path = format!("/apps/{}/dynos/{name}/actions/stop", stage.app);
            ask(stage, Method::POST, &path, Some(json!({}))).await;
        }
    }
}

async fn new_database(stage: &Arc<Stage>) -> Option<String> {
    let addons = addons(&stage.servers.sandbox, &stage.app).await;
    let mut databases = addons
        .into_iter()
        .filter(|addon| addon.service == "heroku-postgresql");
    databases
        .find(|addon| addon.name != stage.old.database)
        .map(|addon| addon.name)
}

async fn attach(stage: &Arc<Stage>, addon: &str, name: &str) {
    let app = stage.app.as_str();
    let attached = stage.servers.sandbox.config_vars(app);
    if name != "DATABASE" && attached.contains_key(&format!("{name}_URL")) {
        return;
    }
    let wanted = json!({"app": app, "addon": addon, "name": name, "confirm": app});
    ask(stage, Method::POST, "/addon-attachments", Some(wanted)).await;
}

async fn detach(stage: &Arc<Stage>) {
    let all = format!("/apps/{}/addon-attachments", stage.app);
    let attachments = ask(stage, Method::GET, &all, None)
        .await
        .unwrap_or_default();
    let found = attachments
        .as_array()
        .into_iter()
        .flatten()
        .find(|attachment| attachment["name"] == "NEW_DATABASE");
    if let Some(id) = found.and_then(|attachment| attachment["id"].as_str()) {
        ask(
            stage,
            Method::DELETE,
            &format!("/addon-attachments/{id}"),
            None,
        )
        .await;
    }
}
