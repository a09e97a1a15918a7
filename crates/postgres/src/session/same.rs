//! Whether two sessions are in one and the same database.

use super::connect::Session;
use crate::Error;

/// The start of the server process and the database's oid: equal on both
/// sides only within one database, whatever the hosts are called.
const IDENTITY: &str = "\
SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text, d.oid
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()";

/// Asks both servers whether two sessions are in one physical database, which
/// URLs cannot tell: two host names may lead to one server.
///
/// # Errors
/// When a server cannot be asked.
pub async fn same_physical_database(one: &Session, two: &Session) -> Result<bool, Error> {
    Ok(identity(one).await? == identity(two).await?)
}

async fn identity(session: &Session) -> Result<(String, u32), Error> {
    let row = session.query_one(IDENTITY, &[]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Refuses to go on where both sides are one database.
pub(crate) async fn refuse_same(old: &Session, new: &Session) -> Result<(), Error> {
    if same_physical_database(old, new).await? {
        return Err(Error::SameDatabase);
    }
    Ok(())
}
