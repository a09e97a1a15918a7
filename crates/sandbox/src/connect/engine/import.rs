//! Takes an imported configuration: mappings in it are made or changed, others are left alone.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::task::Engine;
use crate::connect::mapping::Mapping;
use crate::connect::state::ConnectionState;

impl Engine {
    /// Takes the next waiting import, if there is one. It takes its time in
    /// IMPORT_CONFIGURATION, and mappings appear only at its end.
    pub(super) async fn import_next(&self, takes: Duration) {
        let Some(export) = self.begin_import() else {
            return;
        };
        self.connect.inner.clock.sleep(takes).await;
        self.take_import(&export);
    }

    fn begin_import(&self) -> Option<Value> {
        let mut data = self.connection.data();
        let export = data.imports.pop_front()?;
        data.state = ConnectionState::ImportConfiguration;
        Some(export)
    }

    fn take_import(&self, export: &Value) {
        let behaviour = self.connect.behaviour(&self.connection.addon.app_name);
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        for (object, config) in mappings(export) {
            match data.mapping_of(object) {
                Some(mapping) => mapping.reconfigure(config.clone(), now),
                None => {
                    let number = self.connect.next_number();
                    data.mappings.push(Mapping::new(
                        Uuid::new_v4(),
                        number,
                        object,
                        config.clone(),
                        now,
                    ));
                }
            }
        }
        if behaviour.import_applies_settings {
            if let Some(features) = export["connection"]["features"].as_object() {
                data.features.extend(features.clone());
            }
            if let Some(enabled) = export["connection"]["logplex_log_enabled"].as_bool() {
                data.logplex_log_enabled = enabled;
            }
        }
        if data.state == ConnectionState::ImportConfiguration {
            data.state = ConnectionState::Idle;
        }
    }
}

/// The mappings of an export that can be recognised as such.
fn mappings(export: &Value) -> impl Iterator<Item = (&str, &serde_json::Map<String, Value>)> {
    export["mappings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|mapping| {
            Some((
                mapping["object_name"].as_str()?,
                mapping["config"].as_object()?,
            ))
        })
}
