//! Fills materialized views on the new side, each after those it reads.

use std::collections::BTreeMap;

use super::apply::run_statement;
use crate::Error;
use crate::error::RestoreError;
use crate::inventory::{Inventory, ObjectKind};
use crate::session::{DatabaseUrl, Purpose, connect};
use crate::text::{Moves, follow};

/// How many relations each materialized view reads, over any number of views
/// in between: a view always reads more than the ones it is made of.
const DEPTHS: &str = "\
WITH RECURSIVE reads (reader, relation) AS (
    SELECT r.ev_class, d.refobjid
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    WHERE d.refobjid <> r.ev_class
  UNION
    SELECT reads.reader, d.refobjid
    FROM reads JOIN pg_catalog.pg_rewrite r ON r.ev_class = reads.relation
    JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    WHERE d.refobjid <> r.ev_class
)
SELECT (pg_catalog.pg_identify_object('pg_class'::regclass, c.oid, 0)).identity,
       (SELECT count(DISTINCT relation) FROM reads WHERE reader = c.oid)
FROM pg_catalog.pg_class c WHERE c.relkind = 'm'";

/// Refreshes what the old database has populated; returns what was filled.
///
/// In a session with the app's settings: what a view shows may depend on its
/// time zone, and its functions on its search path.
pub(super) async fn refresh(
    url: &DatabaseUrl,
    inventory: &Inventory,
    moves: &Moves,
    errors: &mut Vec<RestoreError>,
    refreshing: impl Fn(&str),
) -> Result<Vec<String>, Error> {
    let session = connect(url, Purpose::Work, "refresh").await?;
    let as_app = connect(url, Purpose::AsApp, "refresh").await?;
    let rows = session.query(DEPTHS, &[]).await?;
    let depths = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<BTreeMap<String, i64>, Error>>()?;
    let mut views: Vec<String> = inventory
        .unmanaged()
        .filter(|object| object.kind == ObjectKind::MaterializedView && object.has("populated"))
        .map(|object| follow(&object.identity, moves))
        .collect();
    views.sort_by_key(|view| depths.get(view).copied().unwrap_or_default());
    let mut filled = Vec::new();
    for view in views {
        refreshing(&view);
        let statement = format!("REFRESH MATERIALIZED VIEW {view}");
        match run_statement(&as_app, &statement).await? {
            Some(error) => errors.push(error),
            None => {
                session.batch_execute(&format!("ANALYZE {view}")).await?;
                filled.push(view);
            }
        }
    }
    Ok(filled)
}
