//! Sends what the trigger log captured to Salesforce, one entry after the other.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;
use uuid::Uuid;

use super::session::Session;
use super::task::Engine;
use super::write::{Entry, Outcome, Target};
use crate::connect::connection::WriteError;
use crate::connect::ddl::{TableShape, quote};
use crate::connect::error::ConnectError;
use crate::connect::mapping::Mapping;
use crate::connect::options::Behaviour;
use crate::connect::runs::Physical;
use crate::connect::state::ConnectionState;
use crate::salesforce::Organisation;

/// Entries taken from one database and not yet written back there.
#[derive(Debug, Default)]
pub(super) struct Batch {
    physical: Option<Physical>,
    entries: Vec<Entry>,
}

/// What is known of a mapping whose table has entries.
struct Known {
    id: Uuid,
    object: String,
    config: crate::connect::config::MappingConfig,
}

impl Engine {
    /// One poll of the database: POLLING_DB_CHANGES until the log holds nothing more to do, or
    /// until a pause was asked for and the batch in hand is done.
    pub(super) async fn poll_database(
        &mut self,
        session: &Session,
        organisation: &Organisation,
        behaviour: &Behaviour,
    ) -> Result<(), ConnectError> {
        self.connection.data().state = ConnectionState::PollingDbChanges;
        let outcome = self.drain(session, organisation, behaviour).await;
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        for mapping in &mut data.mappings {
            mapping.actively_writing = false;
            if !mapping.config.read_only && mapping.state.is_loaded() && outcome.is_ok() {
                mapping.times.db_poll = Some(now);
            }
        }
        if data.state == ConnectionState::PollingDbChanges {
            data.state = ConnectionState::Idle;
        }
        drop(data);
        self.last_database_poll = Some(now);
        self.next_database_poll = now + behaviour.database_poll;
        outcome
    }

    async fn drain(
        &mut self,
        session: &Session,
        organisation: &Organisation,
        behaviour: &Behaviour,
    ) -> Result<(), ConnectError> {
        session.take_notification();
        self.connect
            .inner
            .clock
            .sleep(behaviour.database_poll_takes)
            .await;
        archive(session).await?;
        loop {
            self.take_batch(session).await?;
            if self.batch.entries.is_empty() {
                break;
            }
            self.connect
                .inner
                .clock
                .sleep(behaviour.write_batch_takes)
                .await;
            self.write_batch(session, organisation).await?;
            let stopping =
                self.connection.stop.is_cancelled() || self.connection.data().pausing.is_some();
            if stopping {
                break;
            }
        }
        self.count_pending(session).await
    }

    /// Marks the next entries PENDING. Entries left over from a lost session come first, unless
    /// the connection has moved to another database since.
    async fn take_batch(&mut self, session: &Session) -> Result<(), ConnectError> {
        if self.batch.physical.as_ref() != Some(&session.physical) {
            self.batch = Batch {
                physical: Some(session.physical.clone()),
                entries: Vec::new(),
            };
        }
        if !self.batch.entries.is_empty() {
            return Ok(());
        }
        let log = log(session);
        let waiting = self.tables(|mapping| !mapping.state.is_loaded());
        let sql = format!(
            "WITH next AS (SELECT id AS next_id FROM {log} WHERE state = 'NEW' AND NOT (table_name = ANY($1)) \
             ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED), \
             taken AS (UPDATE {log} l SET state = 'PENDING', updated_at = now() FROM next WHERE l.id = next_id \
             RETURNING id, action, table_name, record_id, sfid, old, values) \
             SELECT id, action, table_name, record_id, sfid, hstore_to_json(old::hstore)::text, \
             hstore_to_json(values::hstore)::text FROM taken ORDER BY id"
        );
        let rows = session.client.query(&sql, &[&waiting]).await?;
        self.batch.entries = rows.iter().map(entry).collect();
        let tables: Vec<String> = self
            .batch
            .entries
            .iter()
            .map(|entry| entry.table.clone())
            .collect();
        for mapping in &mut self.connection.data().mappings {
            mapping.actively_writing = tables.contains(&mapping.table());
        }
        Ok(())
    }

    async fn write_batch(
        &mut self,
        session: &Session,
        organisation: &Organisation,
    ) -> Result<(), ConnectError> {
        while let Some(mut entry) =
            (!self.batch.entries.is_empty()).then(|| self.batch.entries.remove(0))
        {
            if let Err(error) = self.write_entry(session, organisation, &mut entry).await {
                self.batch.entries.insert(0, entry);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn write_entry(
        &self,
        session: &Session,
        organisation: &Organisation,
        entry: &mut Entry,
    ) -> Result<(), ConnectError> {
        let known = self
            .known(&entry.table)
            .and_then(|known| Some((organisation.schema(&known.object)?, known)));
        let Some((object, known)) = known else {
            return record(session, entry, &Outcome::Ignored).await;
        };
        let shape = TableShape::new(&session.schema, &object, &known.config);
        let outcome = match entry.outcome.clone() {
            Some(outcome) => outcome,
            None => {
                let sfid = row_sfid(session, &shape, entry).await?;
                let source = self.connection.source();
                let target = Target {
                    organisation,
                    source: &source,
                    object: &known.object,
                    config: &known.config,
                    shape: &shape,
                };
                let outcome = target.send(entry, sfid.as_deref());
                entry.outcome = Some(outcome.clone());
                self.note(&known, entry, &outcome);
                outcome
            }
        };
        let outcome = write_back(session, &shape, entry, outcome).await?;
        record(session, entry, &outcome).await
    }

    /// What the API shows of a write.
    fn note(&self, known: &Known, entry: &Entry, outcome: &Outcome) {
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        data.last_write_activity = Some(now);
        let Some(mapping) = data.mapping_mut(known.id) else {
            return;
        };
        mapping.times.sf_write = Some(now);
        if let Outcome::Failed(message) = outcome {
            mapping.counts.errors += 1;
            let record_id = entry.record_id.map(|id| id.to_string()).unwrap_or_default();
            data.write_errors.push(WriteError {
                id: Uuid::new_v4(),
                mapping: known.id,
                table_name: known.object.clone(),
                record_id,
                message: message.clone(),
                created_at: now,
            });
        }
    }

    /// Counts what waits in the log, for the API.
    pub(super) async fn count_pending(&mut self, session: &Session) -> Result<(), ConnectError> {
        let log = log(session);
        let sql = format!(
            "SELECT table_name, count(*) FROM {log} WHERE state IN ('NEW', 'PENDING') GROUP BY 1"
        );
        let rows = session.client.query(&sql, &[]).await?;
        self.pending_counted = Some(self.connect.inner.clock.now());
        for mapping in &mut self.connection.data().mappings {
            let table = mapping.table();
            let row = rows
                .iter()
                .find(|row| row.get::<_, Option<&str>>(0) == Some(table.as_str()));
            mapping.counts.pending =
                row.map_or(0, |row| u64::try_from(row.get::<_, i64>(1)).unwrap_or(0));
        }
        Ok(())
    }

    /// When the database is to be polled next: on its two-minute turn, or ten seconds after the
    /// last poll where the log has called.
    pub(super) fn database_poll_due(&self, session: &Session, interval: Duration) -> Timestamp {
        if !session.has_notification() {
            return self.next_database_poll;
        }
        let earliest = self
            .last_database_poll
            .map_or(Timestamp::MIN, |last| last + interval);
        earliest.min(self.next_database_poll)
    }

    fn tables(&self, which: impl Fn(&Mapping) -> bool) -> Vec<String> {
        self.connection
            .data()
            .mappings
            .iter()
            .filter(|mapping| which(mapping))
            .map(Mapping::table)
            .collect()
    }

    fn known(&self, table: &str) -> Option<Known> {
        let data = self.connection.data();
        let mapping = data
            .mappings
            .iter()
            .find(|mapping| mapping.table() == table)?;
        Some(Known {
            id: mapping.id,
            object: mapping.object_name.clone(),
            config: mapping.config.clone(),
        })
    }
}

/// Connect's `soap_batch_size`.
const BATCH: usize = 200;

fn log(session: &Session) -> String {
    format!("{}.{}", quote(&session.schema), quote("_trigger_log"))
}

fn entry(row: &tokio_postgres::Row) -> Entry {
    let map = |column: usize| -> Map<String, serde_json::Value> {
        let text: Option<&str> = row.get(column);
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    };
    Entry {
        id: row.get(0),
        action: row.get(1),
        table: row.get(2),
        record_id: row.get(3),
        sfid: row.get(4),
        old: map(5),
        values: map(6),
        outcome: None,
    }
}

/// The row's `sfid` now: an earlier entry of the same batch may have brought it.
async fn row_sfid(
    session: &Session,
    shape: &TableShape,
    entry: &Entry,
) -> Result<Option<String>, ConnectError> {
    if let Some(sfid) = entry.known_sfid() {
        return Ok(Some(sfid));
    }
    let sql = format!("SELECT sfid FROM {} WHERE id = $1", shape.qualified());
    let row = session.client.query_opt(&sql, &[&entry.record_id]).await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Writes the answer into the row, as Connect's session, so that it is not captured.
async fn write_back(
    session: &Session,
    shape: &TableShape,
    entry: &Entry,
    outcome: Outcome,
) -> Result<Outcome, ConnectError> {
    let (sfid, operation, message) = match &outcome {
        Outcome::Sent(sfid) => (
            Some(sfid),
            if entry.action == "INSERT" {
                "INSERTED"
            } else {
                "UPDATED"
            },
            None,
        ),
        Outcome::Failed(message) => (None, "FAILED", Some(message)),
        Outcome::Ignored => return Ok(outcome),
    };
    let sql = format!(
        "UPDATE {} SET sfid = coalesce($1, sfid), _hc_lastop = $2, _hc_err = $3 WHERE id = $4",
        shape.qualified()
    );
    match session
        .client
        .execute(&sql, &[&sfid, &operation, &message, &entry.record_id])
        .await
    {
        Ok(_) => Ok(outcome),
        Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION) => {
            Ok(Outcome::Failed(
                "another row has this record's sfid".to_owned(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the answer into the log.
async fn record(session: &Session, entry: &Entry, outcome: &Outcome) -> Result<(), ConnectError> {
    let (state, sfid, message) = match outcome {
        Outcome::Sent(sfid) => ("SUCCESS", Some(sfid), None),
        Outcome::Ignored => ("IGNORED", None, None),
        Outcome::Failed(message) => ("FAILED", None, Some(message)),
    };
    let sql = format!(
        "UPDATE {} SET state = $1, sfid = coalesce($2, sfid), sf_message = $3, updated_at = now(), \
         processed_at = now(), processed_tx = txid_current() WHERE id = $4",
        log(session)
    );
    session
        .client
        .execute(&sql, &[&state, &sfid, &message, &entry.id])
        .await?;
    Ok(())
}

/// Moves what earlier polls have processed to the archive.
async fn archive(session: &Session) -> Result<(), ConnectError> {
    let schema = quote(&session.schema);
    let sql = format!(
        "WITH done AS (DELETE FROM {schema}._trigger_log WHERE state NOT IN ('NEW', 'PENDING') RETURNING *) \
         INSERT INTO {schema}._trigger_log_archive SELECT * FROM done ON CONFLICT (id) DO NOTHING"
    );
    session.client.execute(&sql, &[]).await?;
    Ok(())
}
