//! Takes the capture away again, without a trace.

use super::patience::patiently;
use super::sql::{Event, TRIGGER_PREFIX, full, log, ready};
use super::state::{Captured, STATE, captured};
use crate::Error;
use crate::ident::{TableRef, quote_ident};
use crate::session::Session;

/// Our triggers wherever they are: on tables that were renamed, too.
const TRIGGERS: &str = "\
SELECT n.nspname::text, c.relname::text, g.tgname::text FROM pg_catalog.pg_trigger g
JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace AND s.nspname = 'connect_swap'
JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pg_catalog.starts_with(g.tgname::text, $1) AND g.tgparentid = 0 AND ($2::text[] IS NULL OR p.proname::text = ANY ($2))
ORDER BY 1, 2, 3";

/// Whether anything is captured in this database.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_captured(old: &Session) -> Result<bool, Error> {
    let row = old
        .query_one("SELECT pg_catalog.to_regclass($1) IS NOT NULL", &[&STATE])
        .await?;
    Ok(row.try_get(0)?)
}

/// Drops every trigger, function and table of the capture. May be repeated.
///
/// # Errors
/// [`Error::Locked`] where a table stays in use for minutes, and what the
/// server answers. What was dropped by then stays dropped.
pub async fn remove_capture(
    old: &Session,
    waiting: impl Fn(&str) + Send + Sync,
) -> Result<(), Error> {
    drop_triggers(old, None, &waiting).await?;
    let Some(all) = captured(old).await? else {
        return Ok(());
    };
    for unit in &all {
        remove_unit(old, unit, &waiting).await?;
    }
    let tables = "DROP TABLE IF EXISTS connect_swap.capture_mark; DROP TABLE IF EXISTS connect_swap.capture_canary; \
                  DROP TABLE IF EXISTS connect_swap.capture";
    patiently(old, tables, &waiting).await
}

/// Drops one unit's triggers, functions and log. The triggers first: a
/// statement that has fired one holds the log, and is waited for.
pub(super) async fn remove_unit(
    old: &Session,
    unit: &Captured,
    waiting: &(dyn Fn(&str) + Send + Sync),
) -> Result<(), Error> {
    let number = unit.number;
    let functions: Vec<String> = Event::ALL
        .into_iter()
        .map(|event| format!("{}_{number}", event.word()))
        .collect();
    drop_triggers(old, Some(functions), waiting).await?;
    let functions = Event::ALL
        .into_iter()
        .map(|event| format!("DROP FUNCTION IF EXISTS {}()", event.function(number)));
    let all: Vec<String> = functions
        .chain([
            format!("DROP FUNCTION IF EXISTS {}", ready(number)),
            format!("DROP SEQUENCE IF EXISTS {}", full(number)),
            format!("DROP TABLE IF EXISTS {}", log(number)),
            format!("DELETE FROM connect_swap.capture_mark WHERE unit = {number}"),
            format!("DELETE FROM {STATE} WHERE unit = {number}"),
        ])
        .collect();
    patiently(old, &all.join("; "), waiting).await
}

async fn drop_triggers(
    old: &Session,
    functions: Option<Vec<String>>,
    waiting: &(dyn Fn(&str) + Send + Sync),
) -> Result<(), Error> {
    let rows = old.query(TRIGGERS, &[&TRIGGER_PREFIX, &functions]).await?;
    let mut by_table: Vec<(TableRef, Vec<String>)> = Vec::new();
    for row in &rows {
        let table = TableRef::new(row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
        let drop = format!(
            "DROP TRIGGER IF EXISTS {} ON {}",
            quote_ident(&row.try_get::<_, String>(2)?),
            table.sql()
        );
        match by_table.last_mut() {
            Some((last, drops)) if *last == table => drops.push(drop),
            _ => by_table.push((table, vec![drop])),
        }
    }
    for (_, drops) in by_table {
        patiently(old, &drops.join("; "), waiting).await?;
    }
    Ok(())
}
