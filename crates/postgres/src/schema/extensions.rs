//! Brings the old database's extensions to the new one, and tells where their
//! objects are over there.
//!
//! The same extension may live in `public` on one side and in `heroku_ext` on
//! the other; a customer cannot move it, so names are followed instead.

use std::collections::BTreeMap;

use super::apply::run_statement;
use super::carry::ExtensionCarried;
use crate::Error;
use crate::error::RestoreError;
use crate::extensions::{Extension, extensions};
use crate::ident::quote_ident;
use crate::session::Session;
use crate::text::Moves;

/// Members of an extension that can be named with a schema.
const MEMBERS: &str = "\
WITH member AS (
    SELECT d.classid, d.objid, e.extname::text AS extension
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e
      ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
    WHERE d.deptype = 'e')
SELECT m.extension, n.nspname::text, x.name
FROM member m JOIN (
    SELECT 'pg_type'::regclass AS class, oid, typnamespace AS namespace, typname::text AS name FROM pg_catalog.pg_type
    UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace, proname::text FROM pg_catalog.pg_proc
    UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, oprname::text FROM pg_catalog.pg_operator
    UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace, opcname::text FROM pg_catalog.pg_opclass
    UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfnamespace, opfname::text FROM pg_catalog.pg_opfamily
    UNION ALL SELECT 'pg_class'::regclass, oid, relnamespace, relname::text FROM pg_catalog.pg_class
    UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace, collname::text FROM pg_catalog.pg_collation
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace, dictname::text FROM pg_catalog.pg_ts_dict
    UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace, cfgname::text FROM pg_catalog.pg_ts_config
    UNION ALL SELECT 'pg_ts_parser'::regclass, oid, prsnamespace, prsname::text FROM pg_catalog.pg_ts_parser
    UNION ALL SELECT 'pg_ts_template'::regclass, oid, tmplnamespace, tmplname::text FROM pg_catalog.pg_ts_template
) x ON x.class = m.classid AND x.oid = m.objid
JOIN pg_catalog.pg_namespace n ON n.oid = x.namespace";

/// Creates the extensions that the new side lacks: in the old side's schema
/// where the new side has that schema and allows it, else where the server
/// puts them.
pub(super) async fn create(
    old: &Session,
    new: &Session,
    errors: &mut Vec<RestoreError>,
) -> Result<Vec<ExtensionCarried>, Error> {
    let there = by_name(new).await?;
    for extension in extensions(old).await? {
        if there.contains_key(&extension.name) {
            continue;
        }
        errors.extend(create_one(new, &extension).await?);
    }
    pairs(old, new).await
}

async fn create_one(new: &Session, extension: &Extension) -> Result<Option<RestoreError>, Error> {
    let name = quote_ident(&extension.name);
    let schema = quote_ident(&extension.schema);
    // Where this is refused, so is the next statement, and the third one decides.
    run_statement(new, &format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
    let there = format!("CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA {schema} CASCADE");
    if run_statement(new, &there).await?.is_none() {
        return Ok(None);
    }
    // An extension may insist on a schema of its own, and a provider on its own.
    let anywhere =
        format!("SET search_path = public; CREATE EXTENSION IF NOT EXISTS {name} CASCADE");
    let error = run_statement(new, &anywhere).await?;
    new.batch_execute("SET search_path = ''").await?;
    Ok(error)
}

/// The extensions that both sides have.
pub(super) async fn pairs(old: &Session, new: &Session) -> Result<Vec<ExtensionCarried>, Error> {
    let there = by_name(new).await?;
    let both = extensions(old).await?.into_iter().filter_map(|extension| {
        let other = there.get(&extension.name)?;
        Some(ExtensionCarried {
            name: extension.name,
            old_schema: extension.schema,
            new_schema: other.schema.clone(),
            old_version: extension.version,
            new_version: other.version.clone(),
        })
    });
    Ok(both.collect())
}

/// Where each member of an extension is on the new side, if elsewhere.
pub(crate) async fn moves(old: &Session, new: &Session) -> Result<Moves, Error> {
    let there: BTreeMap<(String, String), String> = members(new)
        .await?
        .into_iter()
        .map(|(extension, schema, name)| ((extension, name), schema))
        .collect();
    let mut moved: Moves = members(old)
        .await?
        .into_iter()
        .filter_map(|(extension, schema, name)| {
            let other = there.get(&(extension, name.clone()))?;
            (*other != schema).then(|| ((schema, name), other.clone()))
        })
        .collect();
    if !moved.is_empty() {
        // A name that the customer uses too, such as a table called like a
        // function, means the customer's.
        for object in crate::catalog::objects(old).await? {
            if let (false, Some(schema)) = (object.in_extension, object.schema) {
                moved.remove(&(schema, object.name));
            }
        }
    }
    Ok(moved)
}

async fn members(session: &Session) -> Result<Vec<(String, String, String)>, Error> {
    let rows = session.query(MEMBERS, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
        .collect()
}

async fn by_name(session: &Session) -> Result<BTreeMap<String, Extension>, Error> {
    Ok(extensions(session)
        .await?
        .into_iter()
        .map(|one| (one.name.clone(), one))
        .collect())
}
