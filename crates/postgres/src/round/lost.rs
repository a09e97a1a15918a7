//! What a server has lost since rows were copied: all that a failover may have
//! left behind, and unlogged tables that a crash has emptied.

use crate::Error;
use crate::capture::{Captured, Standing, mark_stale};
use crate::ident::TableRef;
use crate::session::{Session, Timelines};

/// The tables that must be copied anew since a server may have lost some of
/// their rows, or of their changes, and why. To be asked where nobody writes:
/// between the last round and the promotion.
///
/// # Errors
/// When a server cannot be asked.
pub async fn lost_rows(
    old: &Session,
    new: &Session,
    units: &[Captured],
) -> Result<Vec<(TableRef, String)>, Error> {
    let lost = lost(old, new, units).await?;
    let named = |(unit, why): (&Captured, &str)| (unit.unit.table.clone(), why.to_owned());
    Ok(lost.into_iter().map(named).collect())
}

/// Why no table that was copied can be trusted any more, where a server has
/// failed over since: what its standby had not received is gone.
///
/// # Errors
/// When a server cannot be asked.
pub async fn failed_over(
    old: &Session,
    new: &Session,
    units: &[Captured],
) -> Result<Option<&'static str>, Error> {
    let now = Timelines::of(old, new).await?;
    let seeded = units
        .iter()
        .filter(|unit| unit.standing != Standing::NotSeeded);
    Ok(seeded
        .filter_map(|unit| now.left_since(&unit.timelines))
        .next())
}

/// Marks followed units of which rows may be lost as stale. Failovers and
/// crashes end every session of a server, so it is enough to look when sessions
/// are opened.
pub(super) async fn mark_lost(
    old: &Session,
    new: &Session,
    units: &[Captured],
) -> Result<(), Error> {
    for (unit, why) in lost(old, new, units).await? {
        mark_stale(old, unit.number, why).await?;
    }
    Ok(())
}

async fn lost<'u>(
    old: &Session,
    new: &Session,
    units: &'u [Captured],
) -> Result<Vec<(&'u Captured, &'static str)>, Error> {
    let now = Timelines::of(old, new).await?;
    let mut lost = Vec::new();
    for unit in units {
        if unit.standing == Standing::NotSeeded {
            continue;
        }
        if let Some(why) = now.left_since(&unit.timelines) {
            lost.push((unit, why));
        } else if unit.unit.unlogged
            && unit.standing == Standing::Followed
            && is_emptied(old, new, unit).await?
        {
            let why = "it is unlogged and empty on the new side, as after a crash of its server";
            lost.push((unit, why));
        }
    }
    Ok(lost)
}

/// Whether a table of an unlogged unit is empty on the new side and not on the
/// old one (PostgreSQL manual, "CREATE TABLE", `UNLOGGED`). One whose first rows
/// still wait in the log is not told apart, and is copied anew for nothing.
async fn is_emptied(old: &Session, new: &Session, unit: &Captured) -> Result<bool, Error> {
    for table in &unit.unit.members {
        let any = format!("SELECT EXISTS (SELECT FROM ONLY {})", table.sql());
        if !is_there(old, table.sql()).await? || !is_there(new, table.sql()).await? {
            continue;
        }
        let there: bool = new.query_one(&any, &[]).await?.try_get(0)?;
        let here: bool = old.query_one(&any, &[]).await?.try_get(0)?;
        if here && !there {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn is_there(session: &Session, table: String) -> Result<bool, Error> {
    let row = session
        .query_one("SELECT pg_catalog.to_regclass($1) IS NOT NULL", &[&table])
        .await?;
    Ok(row.try_get(0)?)
}
