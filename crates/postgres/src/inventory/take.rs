//! Takes the inventory of a database.

use std::collections::BTreeMap;

use super::classify::Classifier;
use super::model::{Class, Inventory, Object, ObjectId, ObjectKind};
use crate::altered::unmapped;
use crate::catalog::CatalogObject;
use crate::managed::ManagedSpec;
use crate::session::Session;
use crate::{Error, catalog};

/// Lists every object of the session's database and says whose it is.
///
/// Decided by names and dependencies, never by the schema alone: a customer's
/// table, index, trigger or function inside Connect's schema is unmanaged.
///
/// # Errors
/// When the catalogs cannot be read.
pub async fn inventory(session: &Session, spec: &ManagedSpec) -> Result<Inventory, Error> {
    let row = session
        .query_one(
            "SELECT pg_catalog.current_database()::text, pg_catalog.current_setting('server_version_num')::int4",
            &[],
        )
        .await?;
    let found = catalog::objects(session).await?;
    let classifier = Classifier::new(spec, &found);
    let objects = found
        .iter()
        .map(|object| {
            let class = classifier.class(object);
            Object {
                id: object.id,
                kind: object.kind,
                schema: object.schema.clone(),
                name: object.name.clone(),
                identity: object.key.identity.clone(),
                table: object.table.clone(),
                class,
                when: classifier.when(object, class),
                bytes: object.bytes,
                rows: object.rows,
                columns: object.columns.clone(),
                identity_kind: object.key.kind.clone(),
                flags: flags(object, class, spec),
            }
        })
        .collect();
    Ok(Inventory {
        database: row.try_get(0)?,
        version_num: row.try_get(1)?,
        connect_schema: spec.schema.clone(),
        objects,
        parts: parts(session).await?,
    })
}

/// The catalog's flags, and for a managed table the columns that its mapping
/// does not account for.
fn flags(object: &CatalogObject, class: Class, spec: &ManagedSpec) -> Vec<String> {
    let mut flags = object.flags.clone();
    let schema = object.schema.as_deref().unwrap_or_default();
    if class == Class::Managed
        && object.kind == ObjectKind::Table
        && let Some(table) = spec.table(schema, &object.name)
    {
        let unknown = object
            .columns
            .iter()
            .filter(|column| !table.owns_column(column));
        flags.extend(unknown.map(|column| unmapped(column)));
    }
    flags
}

/// Rows of `pg_attrdef`, views' `_RETURN` rules, partitions' copies of a trigger
/// and tables of publications, with the object that each is part of.
async fn parts(session: &Session) -> Result<BTreeMap<ObjectId, ObjectId>, Error> {
    let rows = session
        .query(
            "SELECT 'pg_attrdef'::regclass::oid, oid, 'pg_class'::regclass::oid, adrelid \
             FROM pg_catalog.pg_attrdef \
             UNION ALL \
             SELECT 'pg_rewrite'::regclass::oid, oid, 'pg_class'::regclass::oid, ev_class \
             FROM pg_catalog.pg_rewrite WHERE rulename = '_RETURN' \
             UNION ALL \
             SELECT tableoid, oid, tableoid, tgparentid FROM pg_catalog.pg_trigger WHERE tgparentid <> 0 \
             UNION ALL \
             SELECT 'pg_publication_rel'::regclass::oid, oid, 'pg_publication'::regclass::oid, prpubid \
             FROM pg_catalog.pg_publication_rel",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let part = ObjectId {
                catalog: row.try_get(0)?,
                oid: row.try_get(1)?,
            };
            let whole = ObjectId {
                catalog: row.try_get(2)?,
                oid: row.try_get(3)?,
            };
            Ok((part, whole))
        })
        .collect()
}
