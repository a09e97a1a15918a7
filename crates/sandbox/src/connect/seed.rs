//! A connection that has been running for a long time, made in a moment.

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

use super::connection::{Authorised, Connection};
use super::engine::{Page, Session, apply};
use super::error::ConnectError;
use super::mapping::{Load, Mapping, Work};
use super::service::Connect;
use super::state::{ConnectionState, MappingState};
use crate::apps::ConnectAddon;
use crate::salesforce::{Organisation, fit_export};

/// An add-on's connection as it is to be found: authorised, imported, loaded, IDLE, and on the
/// operator's list.
#[derive(Clone, Debug)]
pub struct SeedConnection {
    /// The add-on. One that [`Connect::addon_created`] has told of already is used as it is.
    pub addon: ConnectAddon,
    /// The config var that names its database.
    pub db_key: String,
    /// Its schema.
    pub schema_name: String,
    /// Its mappings, in the order of the export.
    pub mappings: Vec<SeedMapping>,
}

/// One mapping of a [`SeedConnection`].
#[derive(Clone, Debug)]
pub struct SeedMapping {
    /// The object's API name.
    pub object_name: String,
    /// The configuration, as an export has it.
    pub config: Map<String, Value>,
    /// How many records the organisation gets for it, above those it has.
    pub records: u64,
}

impl SeedMapping {
    /// The mappings of an export, each with this many records.
    #[must_use]
    pub fn of_export(export: &Value, records: u64) -> Vec<Self> {
        let mappings = export["mappings"].as_array().into_iter().flatten();
        mappings
            .filter_map(|mapping| {
                let object_name = mapping["object_name"].as_str()?.to_owned();
                Some(Self {
                    object_name,
                    config: mapping["config"].as_object()?.clone(),
                    records,
                })
            })
            .collect()
    }
}

impl Connect {
    /// Makes the app's organisation fit, fills it, and loads the tables at once. Answers with
    /// the connection's id.
    ///
    /// # Errors
    /// A config var without a database, a database that refuses, a configuration that cannot be
    /// applied.
    pub async fn seed_connection(&self, seed: SeedConnection) -> Result<Uuid, ConnectError> {
        let app = seed.addon.app_name.clone();
        let organisation = self.organisation_or_new(&app);
        fill(&organisation, &seed.mappings)?;

        let (connection, is_new) = match self.by_addon(seed.addon.id) {
            Some(connection) => (connection, false),
            None => (self.add(seed.addon.clone()), true),
        };
        let url = self
            .inner
            .directory
            .config_var(&app, &seed.db_key)
            .map(SecretString::from);
        let url = url.ok_or_else(|| ConnectError::NoDatabase(seed.db_key.clone()))?;
        let wake = Arc::clone(&connection.wake);
        let session = Session::open(
            &url,
            &seed.db_key,
            &seed.schema_name,
            &organisation.info().id,
            wake,
        )
        .await?;
        let mut mappings = Vec::new();
        for mapping in &seed.mappings {
            mappings.push(
                self.seed_mapping(&session, &connection, &organisation, mapping)
                    .await?,
            );
        }
        self.settle_seeded(&connection, &seed, organisation, mappings);
        if is_new {
            self.start(&connection);
        }
        connection.wake.notify_one();
        Ok(connection.id)
    }

    async fn seed_mapping(
        &self,
        session: &Session,
        connection: &Connection,
        organisation: &Organisation,
        seed: &SeedMapping,
    ) -> Result<Mapping, ConnectError> {
        let now = self.inner.clock.now();
        let mut mapping = Mapping::new(
            Uuid::new_v4(),
            self.next_number(),
            &seed.object_name,
            seed.config.clone(),
            now,
        );
        let bad = |reason: String| ConnectError::BadConfig {
            object: seed.object_name.clone(),
            reason,
        };
        let object = organisation
            .schema(&seed.object_name)
            .ok_or_else(|| bad("no such object".to_owned()))?;
        let trouble = mapping
            .config
            .trouble(&object)
            .or_else(|| mapping.config.unindexed_relationship(&object));
        if let Some(reason) = trouble {
            return Err(bad(reason));
        }
        let applied = apply(session, &object, &mapping.config, &[]).await?;
        let extent = organisation.extent(&seed.object_name);
        let cursor = organisation.revision();
        let into_empty = applied.created;
        let mut load = Load {
            columns: None,
            into_empty,
            extent,
            done: 0,
            cursor,
            next_page: now,
        };
        while load.done < extent {
            let page = Page {
                object: &object,
                config: &mapping.config,
                load: &load,
                number: connection.number,
                size: PAGE,
            };
            mapping.counts.db += page.bring(session, organisation).await?;
            load.done += PAGE;
        }
        mapping.counts.sf = organisation.count(&seed.object_name);
        settle_mapping(&mut mapping, cursor, now);
        Ok(mapping)
    }

    fn settle_seeded(
        &self,
        connection: &Connection,
        seed: &SeedConnection,
        organisation: Organisation,
        mappings: Vec<Mapping>,
    ) {
        let api_version = self.inner.salesforce.api_version.clone();
        let mut data = connection.data();
        data.visible = true;
        data.state = ConnectionState::Idle;
        data.db_key = Some(seed.db_key.clone());
        data.schema_name = Some(seed.schema_name.clone());
        data.login = Some(Authorised {
            organisation,
            environment: "production".to_owned(),
            domain: "https://login.salesforce.com".to_owned(),
            api_version,
            at: self.inner.clock.now(),
        });
        data.mappings = mappings;
    }
}

/// Rows copied at a time.
const PAGE: usize = 20_000;

fn fill(organisation: &Organisation, mappings: &[SeedMapping]) -> Result<(), ConnectError> {
    let list = mappings
        .iter()
        .map(|mapping| json!({"object_name": mapping.object_name, "config": mapping.config}));
    fit_export(organisation, &json!({"mappings": list.collect::<Vec<_>>()}));
    for mapping in mappings {
        organisation.seed(&mapping.object_name, mapping.records)?;
    }
    Ok(())
}

fn settle_mapping(mapping: &mut Mapping, cursor: u64, now: Timestamp) {
    mapping.state = MappingState::DataSynced;
    mapping.work = Work::Steady;
    mapping.applied_fields.clone_from(&mapping.config.fields);
    mapping.applied_at = Some(now);
    mapping.cursor = cursor;
    mapping.counted_at = Some(now);
    mapping.times.sf_poll = Some(now);
    mapping.times.db_write = Some(now);
    mapping.next_poll = now + Duration::from_secs(mapping.config.polling_seconds);
}
