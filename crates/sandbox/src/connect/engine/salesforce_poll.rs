//! Brings changes from Salesforce into the tables.

use std::time::Duration;

use uuid::Uuid;

use super::rows;
use super::session::Session;
use super::task::Engine;
use crate::connect::ddl::{TableShape, column_name};
use crate::connect::error::ConnectError;
use crate::connect::mapping::Work;
use crate::connect::options::Behaviour;
use crate::connect::state::MappingState;
use crate::salesforce::Organisation;

impl Engine {
    /// Starts the polls that are due. A poll takes its time; what it finds arrives at its end.
    pub(super) fn start_polls(&self, organisation: &Organisation, behaviour: &Behaviour) {
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        for mapping in &mut data.mappings {
            if mapping.state != MappingState::DataSynced || mapping.work != Work::Steady {
                continue;
            }
            let streamed = now + behaviour.streaming_delay;
            if mapping.config.streaming && mapping.next_poll > streamed {
                let (live, deleted, _) = organisation.changes(&mapping.object_name, mapping.cursor);
                if !(live.is_empty() && deleted.is_empty()) {
                    mapping.next_poll = streamed;
                }
            }
            if mapping.next_poll <= now {
                mapping.state = MappingState::PollingSfChanges;
                mapping.poll_ends = Some(now + behaviour.salesforce_poll_takes);
                mapping.next_poll = now + Duration::from_secs(mapping.config.polling_seconds);
            }
        }
    }

    /// The mappings whose poll is through now.
    pub(super) fn ended_polls(&self) -> Vec<Uuid> {
        let now = self.connect.inner.clock.now();
        let data = self.connection.data();
        let ended = data
            .mappings
            .iter()
            .filter(|mapping| mapping.poll_ends.is_some_and(|end| end <= now));
        ended.map(|mapping| mapping.id).collect()
    }

    /// Whether a poll of Salesforce is under way.
    pub(super) fn polls_under_way(&self) -> bool {
        self.connection
            .data()
            .mappings
            .iter()
            .any(super::super::mapping::Mapping::is_polling)
    }

    /// Brings what one poll found.
    pub(super) async fn finish_poll(
        &self,
        session: &Session,
        organisation: &Organisation,
        id: Uuid,
    ) -> Result<(), ConnectError> {
        let known = self.connection.data().mapping(id).map(|mapping| {
            (
                mapping.object_name.clone(),
                mapping.config.clone(),
                mapping.cursor,
                mapping.revision,
            )
        });
        let Some((object_name, config, cursor, revision)) = known else {
            return Ok(());
        };
        let Some(object) = organisation.schema(&object_name) else {
            return Ok(());
        };
        let shape = TableShape::new(&session.schema, &object, &config);
        let (live, deleted, reached) = organisation.changes(&object_name, cursor);
        let changed = !(live.is_empty() && deleted.is_empty());
        let outcome = bring_changes(
            session,
            organisation,
            &shape,
            &object_name,
            &config,
            live,
            &deleted,
        )
        .await;
        if let Err(error) = outcome {
            return self.mapping_failed(session, id, error);
        }
        let count = match self.needs_count(id, changed) {
            true => Some(count_rows(session, &shape).await?),
            false => None,
        };
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        let Some(mapping) = data.mapping_mut(id) else {
            return Ok(());
        };
        mapping.times.sf_poll = Some(now);
        if mapping.revision != revision || mapping.poll_ends.is_none() {
            return Ok(());
        }
        mapping.poll_ends = None;
        mapping.cursor = reached;
        mapping.state = MappingState::DataSynced;
        mapping.counts.sf = organisation.count(&object_name);
        if changed {
            mapping.times.db_write = Some(now);
        }
        if let Some(count) = count {
            mapping.counts.db = count;
            mapping.counted_at = Some(now);
        }
        Ok(())
    }

    fn needs_count(&self, id: Uuid, changed: bool) -> bool {
        changed
            || self
                .connection
                .data()
                .mapping(id)
                .is_some_and(|mapping| mapping.times.sf_poll.is_none())
    }
}

async fn bring_changes(
    session: &Session,
    organisation: &Organisation,
    shape: &TableShape,
    object: &str,
    config: &crate::connect::config::MappingConfig,
    live: Vec<usize>,
    deleted: &[String],
) -> Result<(), ConnectError> {
    let table = shape.qualified();
    let fields: Vec<String> = shape
        .columns
        .iter()
        .map(|column| column.field.clone())
        .collect();
    let key = config.upsert_field.as_deref().map(column_name);
    for positions in live.chunks(2_000) {
        let rows = organisation.rows(object, &fields, positions.iter().copied());
        rows::merge(
            &session.client,
            &table,
            &shape.columns,
            key.as_deref(),
            &rows,
        )
        .await?;
    }
    if !deleted.is_empty() {
        session
            .client
            .execute(
                &format!("DELETE FROM {table} WHERE sfid = ANY($1)"),
                &[&deleted],
            )
            .await?;
    }
    Ok(())
}

async fn count_rows(session: &Session, shape: &TableShape) -> Result<u64, ConnectError> {
    let row = session
        .client
        .query_one(&format!("SELECT count(*) FROM {}", shape.qualified()), &[])
        .await?;
    Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
}
