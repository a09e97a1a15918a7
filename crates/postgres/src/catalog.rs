//! Reads every object of a database from the system catalogs, without judging
//! whose it is.

use crate::Error;
use crate::ident::TableRef;
use crate::inventory::{ObjectId, ObjectKind};
use crate::session::Session;

/// Enumerates all objects that are neither system objects nor temporary
/// (PostgreSQL manual, "System Catalogs"; oids below 16384 are initdb's).
const QUERY: &str = include_str!("catalog.sql");

/// An object as the catalogs have it.
#[derive(Debug, Clone)]
pub(crate) struct CatalogObject {
    pub(crate) id: ObjectId,
    pub(crate) kind: ObjectKind,
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    /// The object type and identity of `pg_identify_object`: together they
    /// name the same object on any server.
    pub(crate) key: Key,
    /// The table that it is part of, or that a sequence is owned by.
    pub(crate) table: Option<TableRef>,
    /// Owned by a superuser that the session's role does not belong to. Casts
    /// and others without an owner never are: their kind decides.
    pub(crate) foreign_superuser: bool,
    pub(crate) bytes: Option<i64>,
    pub(crate) rows: Option<i64>,
    /// Columns of a table, an index, a constraint, or the one that owns a
    /// sequence; one entry an argument for functions.
    pub(crate) columns: Vec<String>,
    pub(crate) flags: Vec<String>,
    pub(crate) in_extension: bool,
}

impl CatalogObject {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|known| known == flag)
    }
}

/// Names the same object on any server: type and identity as
/// `pg_identify_object` gives them.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub(crate) struct Key {
    pub(crate) kind: String,
    pub(crate) identity: String,
}

/// Reads all objects of the session's database.
pub(crate) async fn objects(session: &Session) -> Result<Vec<CatalogObject>, Error> {
    let rows = session.query_prepared(QUERY).await?;
    rows.iter().map(read).collect()
}

fn read(row: &tokio_postgres::Row) -> Result<CatalogObject, Error> {
    let kind: String = row.try_get(2)?;
    let kind = ObjectKind::from_catalog(&kind)
        .ok_or_else(|| Error::Protocol(format!("object kind {kind}")))?;
    let table_schema: Option<String> = row.try_get(7)?;
    let table_name: Option<String> = row.try_get(8)?;
    Ok(CatalogObject {
        id: ObjectId {
            catalog: row.try_get(0)?,
            oid: row.try_get(1)?,
        },
        kind,
        schema: row.try_get(3)?,
        name: row.try_get(4)?,
        key: Key {
            kind: if kind == ObjectKind::RowSecurity {
                "row security".into()
            } else {
                row.try_get(5)?
            },
            identity: row.try_get(6)?,
        },
        table: table_schema
            .zip(table_name)
            .map(|(schema, name)| TableRef { schema, name }),
        foreign_superuser: row.try_get(10)?,
        bytes: row.try_get(11)?,
        rows: row.try_get(12)?,
        columns: row.try_get(13)?,
        flags: row.try_get(14)?,
        in_extension: row.try_get(15)?,
    })
}
