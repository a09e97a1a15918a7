//! Makes a mapping's table, or makes it fit a changed configuration.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::session::Session;
use super::task::Engine;
use crate::connect::config::MappingConfig;
use crate::connect::ddl::TableShape;
use crate::connect::error::ConnectError;
use crate::connect::mapping::{Load, Work};
use crate::connect::state::MappingState;
use crate::salesforce::{ObjectSchema, Organisation};

/// What had to be done.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// The table was not there.
    pub(crate) created: bool,
    /// Fields whose columns were not there.
    pub(crate) added: Vec<String>,
}

/// Creates or alters the table in one transaction.
pub(crate) async fn apply(
    session: &Session,
    object: &ObjectSchema,
    config: &MappingConfig,
    removed: &[String],
) -> Result<Applied, ConnectError> {
    let shape = TableShape::new(&session.schema, object, config);
    let table = object.name.to_ascii_lowercase();
    let columns = names(session, "SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2", &table).await?;
    let created = columns.is_empty();
    let (sql, added) = if created {
        (shape.create(), Vec::new())
    } else {
        let indexes = names(
            session,
            "SELECT indexname::text FROM pg_indexes WHERE schemaname = $1 AND tablename = $2",
            &table,
        )
        .await?;
        let added = shape
            .missing_columns(&columns)
            .map(|column| column.field.clone())
            .collect();
        (shape.alter(&columns, &indexes, removed), added)
    };
    let outcome = session
        .client
        .batch_execute(&format!("BEGIN; {sql} COMMIT;"))
        .await;
    if outcome.is_err() {
        // A batch that fails in the middle leaves its transaction open.
        session.client.batch_execute("ROLLBACK").await?;
    }
    outcome?;
    Ok(Applied { created, added })
}

async fn names(
    session: &Session,
    sql: &str,
    table: &str,
) -> Result<BTreeSet<String>, ConnectError> {
    let rows = session
        .client
        .query(sql, &[&session.schema, &table])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

impl Engine {
    /// Does a mapping's [`Work::Apply`] and starts the load that follows from it.
    pub(super) async fn apply_mapping(
        &self,
        session: &Session,
        organisation: &Organisation,
        id: Uuid,
    ) -> Result<(), ConnectError> {
        let Some(task) = self.prepare_apply(organisation, id) else {
            return Ok(());
        };
        let outcome = apply(session, &task.object, &task.config, &task.removed).await;
        let applied = match outcome {
            Ok(applied) => applied,
            Err(error) => return self.mapping_failed(session, id, error),
        };
        if task.reload && !applied.created {
            let table = TableShape::new(&session.schema, &task.object, &task.config).qualified();
            session
                .client
                .execute(&format!("DELETE FROM {table} WHERE sfid IS NOT NULL"), &[])
                .await?;
        }
        self.begin_load(organisation, id, &task, &applied);
        Ok(())
    }

    /// What is to be applied; `None` where the configuration cannot be, which the mapping's state
    /// then says.
    fn prepare_apply(&self, organisation: &Organisation, id: Uuid) -> Option<ApplyTask> {
        let mut data = self.connection.data();
        let mapping = data.mapping_mut(id)?;
        let Work::Apply { reload } = mapping.work else {
            return None;
        };
        let Some(object) = organisation.schema(&mapping.object_name) else {
            let reason = format!("sObject type '{}' is not supported", mapping.object_name);
            mapping.stop(MappingState::BadConfig, reason);
            return None;
        };
        if let Some(reason) = mapping.config.trouble(&object) {
            mapping.stop(MappingState::BadConfig, reason);
            return None;
        }
        if let Some(field) = mapping.config.unindexed_relationship(&object) {
            mapping.stop(
                MappingState::SystemError,
                format!("Could not resolve relationship field '{field}'"),
            );
            return None;
        }
        let removed = mapping
            .applied_fields
            .iter()
            .filter(|field| !mapping.config.has_field(field))
            .cloned()
            .collect();
        Some(ApplyTask {
            object,
            config: mapping.config.clone(),
            removed,
            reload,
            revision: mapping.revision,
        })
    }

    fn begin_load(
        &self,
        organisation: &Organisation,
        id: Uuid,
        task: &ApplyTask,
        applied: &Applied,
    ) {
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        let Some(mapping) = data.mapping_mut(id) else {
            return;
        };
        mapping.applied_fields.clone_from(&task.config.fields);
        if mapping.revision != task.revision {
            // Reconfigured in the meantime: once more, and nothing of this load is lost by it.
            mapping.work = Work::Apply {
                reload: task.reload || applied.created,
            };
            return;
        }
        mapping.applied_at = Some(now);
        let whole = task.reload || applied.created;
        if !whole && applied.added.is_empty() {
            mapping.state = MappingState::DataSynced;
            mapping.work = Work::Steady;
            return;
        }
        let extent = organisation.extent(&mapping.object_name);
        let bulk = extent > self.bulk_threshold();
        let behaviour = self.connect.behaviour(&self.connection.addon.app_name);
        mapping.counts.sf = organisation.count(&mapping.object_name);
        mapping.counted_at = Some(now);
        if whole {
            mapping.counts.db = 0;
            mapping.state = if bulk {
                MappingState::WaitBulkLoad
            } else {
                MappingState::ReloadTable
            };
        } else {
            mapping.state = MappingState::Resync;
        }
        let wait = if bulk && whole {
            behaviour.bulk_wait
        } else {
            std::time::Duration::ZERO
        };
        mapping.work = Work::Load(Load {
            columns: (!whole).then(|| applied.added.clone()),
            into_empty: applied.created,
            extent,
            done: 0,
            cursor: if whole {
                organisation.revision()
            } else {
                mapping.cursor
            },
            next_page: now + wait,
        });
    }

    /// A statement for one mapping failed. Trouble with the session or a read-only database
    /// concerns the whole connection; anything else stops the mapping alone.
    pub(super) fn mapping_failed(
        &self,
        session: &Session,
        id: Uuid,
        error: ConnectError,
    ) -> Result<(), ConnectError> {
        use tokio_postgres::error::SqlState;
        if session.client.is_closed()
            || error.sql_state() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
        {
            return Err(error);
        }
        let message = error.full();
        let now = self.connect.inner.clock.now();
        let mut data = self.connection.data();
        if let Some(mapping) = data.mapping_mut(id) {
            mapping.stop(MappingState::SystemError, message.clone());
            let text = format!("{}: {message}", mapping.object_name);
            data.notify("mapping-error", text, now);
        }
        Ok(())
    }
}

struct ApplyTask {
    object: ObjectSchema,
    config: MappingConfig,
    removed: Vec<String>,
    reload: bool,
    revision: u64,
}
