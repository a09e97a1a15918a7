//! What the preflight reads in the old database, in one read-only session.

use connect_swap_engine::StepError;
use connect_swap_heroku::connect::Connection;
use connect_swap_postgres::{
    Access, DrainHistory, Extension, FailedRow, IdReference, Inventory, LockRoom, ManagedIndex,
    ManagedSpec, ManagedTable, OtherSession, Overrides, ServerInfo, Session, TableRef, TriggerLog,
    Uncarriable, Unit, UnsyncedTable, Whole, drain_history, extensions, failed_rows, id_references,
    inventory, large_objects, lock_room, other_sessions, server_info, trigger_log, uncarriable,
    unit_bytes, units, unreadable_large_objects, unsynced_rows,
};
use serde::Serialize;
use serde_json::Value;

use crate::trouble::During;

/// How many failed rows are named.
const FAILED_ROWS_SHOWN: i64 = 20;

/// A table that may have to be copied whole in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedWhole {
    /// The table by which it goes.
    pub table: TableRef,
    /// The tables that hold its rows.
    pub members: Vec<TableRef>,
    /// Bytes of its rows.
    pub bytes: u64,
    /// Why its changes cannot be followed row by row.
    pub why: Whole,
}

/// Large objects; they are copied in the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LargeObjects {
    /// How many there are.
    pub number: u64,
    /// Bytes of all.
    pub bytes: u64,
}

/// A database as seen at one moment.
#[derive(Debug, Clone)]
pub struct DatabaseView {
    /// Server, version, size.
    pub server: ServerInfo,
    /// Every object and whose it is.
    pub inventory: Inventory,
    /// What Connect has still to send.
    pub trigger_log: TriggerLog,
    /// How long Connect took to send lately.
    pub drain_history: DrainHistory,
    /// Writes that Salesforce refused.
    pub failed: Vec<FailedRow>,
    /// Managed rows that are not in Salesforce.
    pub unsynced: Vec<UnsyncedTable>,
    /// What refers to a managed table's `id`.
    pub id_references: Vec<IdReference>,
    /// Sessions that are not this tool's.
    pub sessions: Vec<OtherSession>,
    /// Number of large objects that may not be read.
    pub unreadable_large_objects: i64,
    /// Installed extensions.
    pub extensions: Vec<Extension>,
    /// What cannot be carried over.
    pub uncarriable: Vec<Uncarriable>,
    /// Tables whose changes cannot be followed row by row.
    pub copied_whole: Vec<CopiedWhole>,
    /// Large objects.
    pub large_objects: LargeObjects,
    /// Room in the server's lock table, and what a round takes of it.
    pub locks: LockRoom,
}

impl DatabaseView {
    /// Reads everything the findings need.
    ///
    /// # Errors
    /// When the database does not answer or the role may not look.
    pub async fn read(
        session: &Session,
        spec: &ManagedSpec,
        overrides: &Overrides,
    ) -> Result<Self, StepError> {
        let inventory = inventory_of(session, spec, overrides).await?;
        let unsent = Unsent::read(session, spec).await?;
        let units = units(session, &inventory).await.during(UNITS)?;
        Ok(Self {
            server: server_info(session)
                .await
                .during("reading the database's version")?,
            trigger_log: unsent.log,
            drain_history: drain_history(session, &spec.schema)
                .await
                .during("reading how long writes took lately")?,
            failed: unsent.failed,
            unsynced: unsent.unsynced,
            id_references: id_references(session, spec)
                .await
                .during("looking for references to row ids")?,
            sessions: other_sessions(session)
                .await
                .during("reading the database's sessions")?,
            unreadable_large_objects: unreadable_large_objects(session)
                .await
                .during("counting large objects")?,
            extensions: extensions(session).await.during("reading the extensions")?,
            uncarriable: uncarriable(session, &inventory)
                .await
                .during("looking for what cannot be carried over")?,
            copied_whole: copied_whole(session, &units).await?,
            locks: lock_room(session, &units)
                .await
                .during("counting what a round locks")?,
            large_objects: large(session).await?,
            inventory,
        })
    }
}

/// What is being done where units are read.
const UNITS: &str = "reading tables and their keys";

async fn copied_whole(session: &Session, units: &[Unit]) -> Result<Vec<CopiedWhole>, StepError> {
    let whole: Vec<(&Unit, Whole)> = units
        .iter()
        .filter_map(|unit| Some((unit, unit.whole?)))
        .collect();
    let tables: Vec<&Unit> = whole.iter().map(|(unit, _)| *unit).collect();
    let bytes = unit_bytes(session, &tables).await.during(UNITS)?;
    let whole = whole.into_iter().zip(bytes);
    Ok(whole
        .map(|((unit, why), bytes)| CopiedWhole {
            table: unit.table.clone(),
            members: unit.members.clone(),
            bytes,
            why,
        })
        .collect())
}

async fn large(session: &Session) -> Result<LargeObjects, StepError> {
    let (number, bytes) = large_objects(session)
        .await
        .during("counting large objects")?;
    Ok(LargeObjects { number, bytes })
}

/// The database's objects and whose they are, with the operator's own word on some.
///
/// # Errors
/// When the catalogs cannot be read, or a word names what is not there any more.
pub(crate) async fn inventory_of(
    session: &Session,
    spec: &ManagedSpec,
    overrides: &Overrides,
) -> Result<Inventory, StepError> {
    let taken = inventory(session, spec)
        .await
        .during("reading the database's catalog")?;
    overrides.apply(taken).map_err(|error| {
        StepError::failed("--skip or --include cannot be followed")
            .because(&error)
            .hint("see the kinds and names with `heroku connect:swap:plan --json`")
    })
}

/// What is not in Salesforce, of one moment.
struct Unsent {
    log: TriggerLog,
    failed: Vec<FailedRow>,
    unsynced: Vec<UnsyncedTable>,
}

impl Unsent {
    /// In one snapshot (PostgreSQL manual, 13.2.2 "Repeatable Read"): the app goes on writing, and
    /// a row that came between two looks would seem to be in no log.
    async fn read(session: &Session, spec: &ManagedSpec) -> Result<Self, StepError> {
        let moment = "taking one moment of the old database";
        let statement = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        session.batch_execute(statement).await.during(moment)?;
        let unsent = Self {
            log: trigger_log(session, &spec.schema)
                .await
                .during("reading Connect's trigger log")?,
            failed: failed_rows(session, &spec.schema, FAILED_ROWS_SHOWN)
                .await
                .during("reading Connect's failed writes")?,
            unsynced: unsynced_rows(session, spec)
                .await
                .during("looking for rows that are not in Salesforce")?,
        };
        session.batch_execute("COMMIT").await.during(moment)?;
        Ok(unsent)
    }
}

/// What Connect owns in its schema, from the connection's mappings.
pub fn managed_spec(connection: &Connection, schema: &str) -> ManagedSpec {
    let tables = connection
        .mappings
        .iter()
        .map(|mapping| table(&mapping.object_name, mapping.config.as_object()));
    ManagedSpec {
        schema: schema.to_owned(),
        tables: tables.collect(),
    }
}

/// What Connect will own once a configuration is imported.
pub fn managed_spec_of(document: &crate::configuration::Document, schema: &str) -> ManagedSpec {
    let tables = document
        .mappings()
        .iter()
        .map(|m| table(&m.object, Some(&m.config)));
    ManagedSpec {
        schema: schema.to_owned(),
        tables: tables.collect(),
    }
}

fn table(object: &str, config: Option<&serde_json::Map<String, Value>>) -> ManagedTable {
    let member = |name: &str| {
        config
            .and_then(|config| config.get(name))
            .and_then(Value::as_object)
    };
    let columns = member("fields").map(|fields| fields.keys().map(|name| column(name)).collect());
    let asked = member("indexes").into_iter().flatten();
    let mut indexes: Vec<ManagedIndex> = asked
        .map(|(name, value)| ManagedIndex {
            column: column(name),
            unique: value
                .get("unique")
                .and_then(Value::as_bool)
                .unwrap_or(false),
        })
        .collect();
    let upsert = config
        .and_then(|config| config.get("upsert_field"))
        .and_then(Value::as_str);
    indexes.extend(upsert.map(|name| ManagedIndex {
        column: column(name),
        unique: true,
    }));
    let access = config
        .and_then(|config| config.get("access"))
        .and_then(Value::as_str);
    ManagedTable {
        name: object.to_lowercase(),
        columns: columns.unwrap_or_default(),
        indexes,
        access: if access == Some("read_write") {
            Access::ReadWrite
        } else {
            Access::ReadOnly
        },
    }
}

/// The column of a Salesforce field: its name in lower case; `Id` is kept in `sfid`.
fn column(field: &str) -> String {
    if field.eq_ignore_ascii_case("id") {
        "sfid".to_owned()
    } else {
        field.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_upsert_fields_index_is_connects_too() {
        let config = json!({"fields": {"Id": {}, "Ext__c": {}}, "upsert_field": "Ext__c"});
        let table = table("Account", config.as_object());
        assert_eq!(
            table.indexes,
            [ManagedIndex {
                column: "ext__c".into(),
                unique: true
            }]
        );
    }
}
