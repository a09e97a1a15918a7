//! Tries to carry settings over that an import may leave behind, and names what a person must set.
//!
//! No public client sets them by API (facts are silent), so each try is read back and nothing is
//! believed. Notification e-mails, the access list and External Objects appear in no API at all.

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, ErrorKind, Level, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_heroku::connect::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::trouble::During;
use crate::world::{Side, World};

/// What is left for a person to set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SettingsOutput {
    /// Settings that still differ, as `name: old value, new value`.
    pub differ: Vec<String>,
}

/// Carries merged or ordered writes, application logging and every other flag.
pub struct CarrySettings;

#[async_trait]
impl Step<World> for CarrySettings {
    fn id(&self) -> &'static str {
        "carry-settings"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            undo: "it goes with the add-on".into(),
            calls: vec!["Connect: PATCH connection (features, logplex_log_enabled)".into()],
            ..world.describe(format!(
                "carry the settings of {} over",
                world.subject.old.connect.name
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let old = scope.world.connection(Side::Old).await?;
        let new = scope.world.connection(Side::New).await?;
        if differences(&old, &new).is_empty() {
            return Ok(Observation::Done(to_value(&SettingsOutput::default())?));
        }
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let old = world.connection(Side::Old).await?;
        let mut new = world.connection(Side::New).await?;
        for patch in patches(&old, &new) {
            match world.heroku.connect().patch_settings(&new, &patch).await {
                Ok(now) => new = now,
                Err(error) if error.needs_login() || error.is_transient() => {
                    return Err(error).during("carrying settings over");
                }
                Err(error) => scope.notice(
                    Level::Info,
                    format!("Connect does not take {patch} through its API: {error}"),
                ),
            }
        }
        let differ = differences(&old, &new);
        for line in &differ {
            scope.notice(
                Level::Warning,
                format!("set this by hand in the new connection's dashboard: {line}"),
            );
        }
        to_value(&SettingsOutput { differ })
    }
}

fn to_value(output: &SettingsOutput) -> Result<Value, StepError> {
    serde_json::to_value(output).map_err(|error| {
        StepError::new(ErrorKind::Failed, "the settings cannot be written down").because(&error)
    })
}

fn patches(old: &Connection, new: &Connection) -> Vec<Value> {
    let mut patches = Vec::new();
    let differing: Map<String, Value> = old
        .features
        .iter()
        .filter(|(name, value)| new.features.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !differing.is_empty() {
        patches.push(json!({ "features": differing }));
    }
    if old.logplex_log_enabled != new.logplex_log_enabled {
        patches.push(json!({ "logplex_log_enabled": old.logplex_log_enabled }));
    }
    patches
}

/// Where the settings of two connections differ, as `name: old value, new value`.
pub(crate) fn differences(old: &Connection, new: &Connection) -> Vec<String> {
    let mut lines = Vec::new();
    let mut names: Vec<&String> = old.features.keys().chain(new.features.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (a, b) = (old.features.get(name), new.features.get(name));
        if a != b {
            lines.push(format!(
                "{}: old {}, new {}",
                feature_words(name),
                shown(a),
                shown(b)
            ));
        }
    }
    if old.logplex_log_enabled != new.logplex_log_enabled {
        let word = |flag: Option<bool>| if flag == Some(true) { "on" } else { "off" };
        lines.push(format!(
            "application logging: old {}, new {}",
            word(old.logplex_log_enabled),
            word(new.logplex_log_enabled)
        ));
    }
    if old.api_version() != new.api_version() {
        lines.push(format!(
            "Salesforce API version: old {}, new {}",
            old.api_version().unwrap_or("unknown"),
            new.api_version().unwrap_or("unknown")
        ));
    }
    lines
}

fn feature_words(name: &str) -> String {
    match name {
        // true means ordered writes (thermondo/django-heroku-connect utils.py).
        "poll_db_no_merge" => "ordered writes (poll_db_no_merge)".to_owned(),
        _ => name.to_owned(),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), Value::to_string)
}
