//! What a unit's capture counts on: the definition of its tables, and that its
//! triggers were not touched.

use std::collections::BTreeMap;

use crate::Error;
use crate::session::Session;

use super::sql::TRIGGER_PREFIX;

/// One text a unit. It holds every table that belongs to it now, each with its
/// columns, and our triggers with the transactions that last changed them: one
/// that was switched off and on again in between has missed rows (PostgreSQL
/// manual, "System Columns", `xmin`). So has a column that was given the type
/// that it had, `USING` other values: no trigger fires then. Schemas are known
/// by their names too, which two of them may have exchanged. Children that other
/// sessions have as temporary tables are nobody else's.
const FINGERPRINTS: &str = "\
WITH RECURSIVE family (unit, oid) AS (
    SELECT w.unit, w.oid FROM unnest($1::int4[], $2::oid[]) AS w (unit, oid)
  UNION
    SELECT f.unit, i.inhrelid FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid
)
SELECT f.unit, pg_catalog.md5(string_agg(concat_ws(' ', c.oid, n.nspname, c.relname, c.relkind, c.relpersistence,
    c.relrowsecurity AND c.relforcerowsecurity, pg_catalog.pg_get_expr(c.relpartbound, c.oid),
    (SELECT string_agg(i.inhparent::text, ' ' ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
    (SELECT string_agg(concat_ws(' ', a.attnum, a.xmin, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.attgenerated), ',' ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    (SELECT string_agg(concat_ws(' ', g.oid, g.tgname, g.tgenabled, g.xmin, p.xmin), ',' ORDER BY g.tgname)
     FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
     WHERE g.tgrelid = c.oid AND pg_catalog.starts_with(g.tgname::text, $3))), E'\\n' ORDER BY c.oid))
FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.oid AND c.relpersistence <> 't'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
GROUP BY f.unit";

/// The fingerprints of units, by their number. A unit whose tables are all gone
/// has none.
pub(crate) async fn fingerprints(
    session: &Session,
    roots: &[(i32, Vec<u32>)],
) -> Result<BTreeMap<i32, String>, Error> {
    let pairs = roots
        .iter()
        .flat_map(|(unit, oids)| oids.iter().map(move |oid| (*unit, *oid)));
    let (units, oids): (Vec<i32>, Vec<u32>) = pairs.unzip();
    session
        .query(FINGERPRINTS, &[&units, &oids, &TRIGGER_PREFIX])
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
