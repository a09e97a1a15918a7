//! Unlogged tables that a crash of the new server has emptied.

use crate::Error;
use crate::capture::{Captured, STATE, Standing};
use crate::session::Session;

/// Marks followed units as stale of which an unlogged table is empty on the new
/// side and not on the old one. A crash of the new server ends every session
/// there, so it is enough to look when sessions are opened (PostgreSQL manual,
/// "CREATE TABLE", `UNLOGGED`). A table whose first rows still wait in the log
/// is not told apart, and is copied anew for nothing.
pub(super) async fn mark_emptied(
    old: &Session,
    new: &Session,
    units: &[Captured],
) -> Result<(), Error> {
    for unit in units {
        if !unit.unit.unlogged || unit.standing != Standing::Followed || unit.unit.whole.is_some() {
            continue;
        }
        for table in &unit.unit.members {
            let any = format!("SELECT EXISTS (SELECT FROM ONLY {})", table.sql());
            if !is_there(old, table.sql()).await? || !is_there(new, table.sql()).await? {
                continue;
            }
            let there: bool = new.query_one(&any, &[]).await?.try_get(0)?;
            let here: bool = old.query_one(&any, &[]).await?.try_get(0)?;
            if here && !there {
                let why =
                    "it is unlogged and empty on the new side, as after a crash of its server";
                old.execute(
                    &format!("UPDATE {STATE} SET stale = $2 WHERE unit = $1 AND stale IS NULL"),
                    &[&unit.number, &why],
                )
                .await?;
            }
        }
    }
    Ok(())
}

async fn is_there(session: &Session, table: String) -> Result<bool, Error> {
    let row = session
        .query_one("SELECT pg_catalog.to_regclass($1) IS NOT NULL", &[&table])
        .await?;
    Ok(row.try_get(0)?)
}
