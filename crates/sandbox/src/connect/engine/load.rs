//! Loads rows page by page: all of them into a new table, or new columns into rows that are there.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use uuid::Uuid;

use super::order::Order;
use super::rows;
use super::session::Session;
use super::task::Engine;
use crate::connect::config::MappingConfig;
use crate::connect::ddl::{Column, TableShape, column_name};
use crate::connect::error::ConnectError;
use crate::connect::mapping::{Load, Work};
use crate::connect::state::{ConnectionState, MappingState};
use crate::salesforce::{ObjectSchema, Organisation};

/// Some records of a load, in the load's order.
pub(crate) struct Page<'a> {
    pub(crate) object: &'a ObjectSchema,
    pub(crate) config: &'a MappingConfig,
    pub(crate) load: &'a Load,
    /// The connection's number, which decides the order.
    pub(crate) number: u64,
    pub(crate) size: usize,
}

impl Page<'_> {
    /// Brings the page's rows into the table; answers with how many rows arrived.
    pub(crate) async fn bring(
        &self,
        session: &Session,
        organisation: &Organisation,
    ) -> Result<u64, ConnectError> {
        let shape = TableShape::new(&session.schema, self.object, self.config);
        let table = shape.qualified();
        let columns = self.columns(&shape);
        let fields: Vec<String> = columns.iter().map(|column| column.field.clone()).collect();
        let done = self.load.done;
        let positions = Order::new(self.load.extent, self.number).slice(done, done + self.size);
        let rows = organisation.rows(&self.object.name, &fields, positions);
        if self.load.columns.is_some() {
            rows::fill(&session.client, &table, &columns, &rows).await?;
            return Ok(0);
        }
        if self.load.into_empty {
            match rows::copy_in(&session.client, &table, &columns, &rows).await {
                // Somebody put one of these rows there first: merge the page.
                Err(error) if error.sql_state() == Some(&SqlState::UNIQUE_VIOLATION) => {}
                other => return other,
            }
        }
        let key = self.config.upsert_field.as_deref().map(column_name);
        rows::merge(&session.client, &table, &columns, key.as_deref(), &rows).await?;
        Ok(rows.len() as u64)
    }

    /// All columns, or `sfid` and the new ones.
    fn columns(&self, shape: &TableShape) -> Vec<Column> {
        let Some(added) = &self.load.columns else {
            return shape.columns.clone();
        };
        let sfid = shape.columns.iter().filter(|column| column.name == "sfid");
        let new = shape
            .columns
            .iter()
            .filter(|column| column.name != "sfid" && added.contains(&column.field));
        sfid.chain(new).cloned().collect()
    }
}

impl Engine {
    /// Brings one page of a mapping's load, if its time has come.
    pub(super) async fn load_page(
        &self,
        session: &Session,
        organisation: &Organisation,
        id: Uuid,
    ) -> Result<(), ConnectError> {
        let now = self.connect.inner.clock.now();
        let behaviour = self.connect.behaviour(&self.connection.addon.app_name);
        let rate = behaviour.load_rows_per_second.max(0.01);
        let Some((load, config, object, revision)) = self.due_load(organisation, id) else {
            return Ok(());
        };
        let size = self
            .page_size(rate)
            .min(load.extent - load.done.min(load.extent));
        let page = Page {
            object: &object,
            config: &config,
            load: &load,
            number: self.connection.number,
            size,
        };
        let arrived = match page.bring(session, organisation).await {
            Ok(arrived) => arrived,
            Err(error) => return self.mapping_failed(session, id, error),
        };
        let mut data = self.connection.data();
        let Some(mapping) = data
            .mapping_mut(id)
            .filter(|mapping| mapping.revision == revision)
        else {
            return Ok(());
        };
        let Work::Load(current) = &mut mapping.work else {
            return Ok(());
        };
        current.done += size;
        current.next_page = now + Duration::from_secs_f64(size as f64 / rate);
        let finished = current.done >= current.extent;
        mapping.counts.db += arrived;
        mapping.times.db_write = Some(now);
        mapping.counted_at = Some(now);
        if mapping.state == MappingState::WaitBulkLoad {
            mapping.state = MappingState::LoadingBulkJob;
        }
        if finished {
            // What changed during the load is polled before the mapping counts as in step.
            mapping.cursor = load.cursor;
            mapping.work = Work::Steady;
            mapping.state = MappingState::PollingSfChanges;
            mapping.poll_ends = Some(mapping_end(
                now,
                &load,
                rate,
                size,
                behaviour.salesforce_poll_takes,
            ));
        }
        let rows: u64 = data.mappings.iter().map(|mapping| mapping.counts.db).sum();
        if self.connection.addon.plan == "demo" && rows > DEMO_ROWS {
            data.fail(
                ConnectionState::TooManyRows,
                format!("{rows} rows, the demo plan allows {DEMO_ROWS}"),
                now,
            );
        }
        Ok(())
    }

    fn due_load(
        &self,
        organisation: &Organisation,
        id: Uuid,
    ) -> Option<(Load, MappingConfig, ObjectSchema, u64)> {
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        let mapping = data.mapping_mut(id)?;
        let Work::Load(load) = &mapping.work else {
            return None;
        };
        if load.next_page > now {
            return None;
        }
        let load = load.clone();
        if let Some(failure) = mapping
            .failure
            .take_if(|failure| load.done as u64 >= failure.after_rows)
        {
            mapping.stop(failure.state, failure.message);
            return None;
        }
        let object = organisation.schema(&mapping.object_name)?;
        Some((load, mapping.config.clone(), object, mapping.revision))
    }

    /// As many rows as take about a twentieth of a real second.
    fn page_size(&self, rate: f64) -> usize {
        let rows = rate * self.connect.inner.clock.speed() / 20.0;
        (rows as usize).clamp(20, 20_000)
    }

    /// Above this many records Connect uses the Bulk API (devcenter: reading-data-from-salesforce).
    pub(super) fn bulk_threshold(&self) -> usize {
        10_000
    }
}

/// Rows that the demo plan allows over all mappings (devcenter: heroku-connect, 2020).
const DEMO_ROWS: u64 = 10_000;

/// The catch-up poll begins when the last page's rows have taken their time.
fn mapping_end(
    now: jiff::Timestamp,
    load: &Load,
    rate: f64,
    size: usize,
    poll_takes: Duration,
) -> jiff::Timestamp {
    let last_page = if load.extent == 0 {
        Duration::ZERO
    } else {
        Duration::from_secs_f64(size as f64 / rate)
    };
    now + last_page + poll_takes
}
