//! Schemas that Heroku Connect keeps, or once kept, its tables in.

use crate::Error;
use crate::managed::ManagedSpec;
use crate::session::Session;

/// How many of Connect's own tables make a schema one of Connect's. A connection that only reads may
/// have no trigger log, and a single name may be a copy that somebody made.
const TELLING: i64 = 2;

const QUERY: &str = "\
SELECT n.nspname::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($1) AND NOT starts_with(n.nspname::text, 'pg_')
GROUP BY n.nspname HAVING count(*) >= $2
ORDER BY 1";

/// Lists the schemas of this database that hold Connect's own tables (`_hcmeta`, `_trigger_log` and
/// their like, as seen in public dumps), whichever connection they are of, and also where that
/// connection is gone: what it made stays.
///
/// # Errors
/// When the server cannot be asked.
pub async fn connect_schemas(session: &Session) -> Result<Vec<String>, Error> {
    let names: &[&str] = &ManagedSpec::INTERNAL_TABLES;
    let rows = session.query(QUERY, &[&names, &TELLING]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
