//! Remembers in the old database how far units are.

use std::collections::BTreeSet;

use super::state::{STATE, captured};
use crate::Error;
use crate::ident::{TableRef, quote_literal};
use crate::session::{Session, Timelines};

/// Columns that an earlier version's table lacks. They are made only where they
/// are missing: that locks the table.
const LATER_COLUMNS: &str = "\
SELECT count(*) < 3 FROM pg_catalog.pg_attribute
WHERE attrelid = pg_catalog.to_regclass($1) AND attname IN ('old_timeline', 'new_timeline', 'changed_at')";

/// Sees to it that the table of units has every column that is written to.
pub(crate) async fn complete_state(old: &Session) -> Result<(), Error> {
    let lacking = old.query_one(LATER_COLUMNS, &[&STATE]).await?;
    if lacking.try_get(0)? {
        old.batch_execute(&format!(
            "ALTER TABLE IF EXISTS {STATE} ADD COLUMN IF NOT EXISTS old_timeline text, \
             ADD COLUMN IF NOT EXISTS new_timeline text, ADD COLUMN IF NOT EXISTS changed_at timestamptz"
        ))
        .await?;
    }
    Ok(())
}

/// Forgets what is logged of units, whose rows are about to be copied: a
/// snapshot that is taken after this was committed has all that was logged.
pub(crate) async fn mark_unseeded(
    old: &Session,
    units: &[i32],
    timelines: &Timelines,
) -> Result<(), Error> {
    for some in units.chunks(super::LOGS_AT_ONCE) {
        old.batch_execute(&forget(some, timelines)).await?;
    }
    Ok(())
}

/// One transaction that does so for some of them. Each unit stands for itself: one that was not come to
/// is as it was.
fn forget(units: &[i32], timelines: &Timelines) -> String {
    let literal = |timeline: &Option<String>| {
        timeline
            .as_deref()
            .map_or_else(|| "NULL".to_owned(), quote_literal)
    };
    let (of_old, of_new) = (literal(&timelines.old), literal(&timelines.new));
    let mut all = vec!["BEGIN".to_owned()];
    all.extend(units.iter().map(|unit| {
        format!(
            "UPDATE {STATE} SET seeded_at = NULL, compared_at = NULL, old_timeline = {of_old}, new_timeline = {of_new} \
             WHERE unit = {unit}; DELETE FROM {}; \
             DELETE FROM connect_swap.capture_mark WHERE unit = {unit} AND kind <> 'stopped'",
            super::log(*unit)
        )
    }));
    all.push("COMMIT".to_owned());
    all.join("; ")
}

/// Remembers that the rows of units are in the new database, as of a snapshot
/// taken after [`mark_unseeded`].
pub(crate) async fn mark_seeded(old: &Session, units: &[i32]) -> Result<(), Error> {
    old.execute(
        "UPDATE connect_swap.capture SET seeded_at = pg_catalog.clock_timestamp(), applied_at = NULL, stale = NULL \
         WHERE unit = ANY ($1)",
        &[&units],
    )
    .await?;
    Ok(())
}

/// Remembers that rows of units have changed. In the transaction that takes their
/// keys out of the logs, so that none of it is forgotten without the other.
pub(crate) async fn mark_changed(old: &Session, units: &[i32]) -> Result<(), Error> {
    old.execute(
        &format!(
            "UPDATE {STATE} SET changed_at = pg_catalog.clock_timestamp() WHERE unit = ANY ($1)"
        ),
        &[&units],
    )
    .await?;
    Ok(())
}

/// The time on the old server's clock, for [`changed_since`].
///
/// # Errors
/// When the database cannot be asked.
pub async fn moment(old: &Session) -> Result<String, Error> {
    let row = old
        .query_one("SELECT pg_catalog.clock_timestamp()::text", &[])
        .await?;
    Ok(row.try_get(0)?)
}

/// The tables whose rows on the new side were changed by rounds, or copied anew,
/// since a [`moment`].
///
/// # Errors
/// When the database cannot be asked.
pub async fn changed_since(old: &Session, moment: &str) -> Result<BTreeSet<TableRef>, Error> {
    let changed = old
        .query(
            "SELECT unit FROM connect_swap.capture AS c \
             WHERE greatest((to_jsonb(c) ->> 'changed_at')::timestamptz, seeded_at) >= $1::text::timestamptz",
            &[&moment],
        )
        .await?
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<BTreeSet<i32>, _>>()?;
    let units = captured(old).await?.unwrap_or_default().into_iter();
    let units = units.filter(|unit| changed.contains(&unit.number));
    Ok(units
        .flat_map(|unit| unit.unit.members.into_iter().chain([unit.unit.table]))
        .collect())
}

/// Remembers that a unit has to be copied anew; the first reason stays.
pub(crate) async fn mark_stale(old: &Session, unit: i32, why: &str) -> Result<(), Error> {
    old.execute(
        &format!("UPDATE {STATE} SET stale = $2 WHERE unit = $1 AND stale IS NULL"),
        &[&unit, &why],
    )
    .await?;
    Ok(())
}

/// Has every table copied anew whose rows were copied. May be repeated; does
/// nothing where nothing is captured.
///
/// # Errors
/// When the database cannot be asked.
pub async fn distrust_all(old: &Session, why: &str) -> Result<(), Error> {
    if super::is_captured(old).await? {
        old.execute(
            &format!("UPDATE {STATE} SET stale = $1 WHERE seeded_at IS NOT NULL AND stale IS NULL"),
            &[&why],
        )
        .await?;
    }
    Ok(())
}
