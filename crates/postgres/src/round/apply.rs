//! Brings the changes of one unit over, within the open transactions of a round.

use super::check::prove_equal;
use super::keys::{delete, empty, take};
use super::rounds::UnitRound;
use super::route::{Way, Ways};
use crate::Error;
use crate::capture::Captured;
use crate::ident::TableRef;
use crate::rows::{Throttle, pipe};
use crate::session::Session;

/// A unit that has changed.
pub(super) struct Changed<'a> {
    pub(super) number: i32,
    pub(super) unit: &'a Captured,
    /// Tables of it that were emptied by TRUNCATE.
    pub(super) truncated: Vec<TableRef>,
}

/// Deletes what has changed on the new side and inserts what the old side has
/// of it now. All is deleted before anything is inserted: a unique value that
/// went from one row to another is free by then.
pub(super) async fn bring_over(
    old: &Session,
    new: &Session,
    changed: &Changed<'_>,
    ways: &Ways,
) -> Result<UnitRound, Error> {
    let taken = take(old, new, changed.number, ways).await?;
    empty(new, &changed.truncated).await?;
    let mut deleted = 0;
    if taken > 0 {
        for way in &ways.targets {
            deleted += delete(new, changed.number, way).await?;
        }
    }
    let mut inserted = 0;
    if taken > 0 {
        for way in &ways.targets {
            inserted += insert(old, new, changed.number, way).await?;
            prove_equal(old, new, changed.number, way).await?;
        }
    }
    Ok(UnitRound {
        table: changed.unit.unit.table.clone(),
        members: changed.unit.unit.members.clone(),
        keys: taken,
        deleted,
        inserted,
    })
}

async fn insert(old: &Session, new: &Session, unit: i32, way: &Way) -> Result<u64, Error> {
    let rows = way.present(&way.columns_sql("t."), &way.old_matches, unit);
    let format = way.format();
    let out = format!("COPY ({rows}) TO STDOUT (FORMAT {format})");
    let into = format!(
        "COPY {} ({}) FROM STDIN (FORMAT {format})",
        way.target.table.sql(),
        way.columns_sql("")
    );
    let relayed = pipe((old, &out), (new, &into), &Throttle::new(None), |_| {}).await?;
    Ok(relayed.rows)
}
