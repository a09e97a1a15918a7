//! The beginning of a round: what has changed, and what the changes of which
//! can be trusted.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::Changed;
use crate::Error;
use crate::capture::{Captured, FIND_MARKS, Mark, MarkKind, Standing, fingerprints, log};
use crate::ident::TableRef;
use crate::session::Session;

/// How long a round waits for a table that somebody changes the definition of.
const LOCK_TIMEOUT_MS: u32 = 2000;

/// What a round finds.
pub(super) struct Look<'a> {
    pub(super) changed: Vec<Changed<'a>>,
    pub(super) stale: Vec<(i32, String)>,
    pub(super) changed_whole: Vec<i32>,
    pub(super) snapshot: String,
}

/// Begins the round's transaction on the old side and looks.
///
/// The tables are locked against changes of their definition, and against
/// TRUNCATE, before the snapshot is taken: both are seen by every snapshot at
/// once, the rows of a log only by later ones (PostgreSQL manual, "Caveats" of
/// "Concurrency Control").
pub(super) async fn look<'a>(old: &Session, units: &'a [Captured]) -> Result<Look<'a>, Error> {
    let followed: Vec<&Captured> = units
        .iter()
        .filter(|unit| unit.standing == Standing::Followed)
        .collect();
    let gone = gone(old, &followed).await?;
    let there: Vec<&Captured> = followed
        .iter()
        .filter(|unit| !gone.contains(&unit.number))
        .copied()
        .collect();
    begin(old, &there).await?;
    let snapshot: String = old
        .query_one("SELECT pg_catalog.pg_export_snapshot()", &[])
        .await?
        .try_get(0)?;
    let marks = old
        .query(FIND_MARKS, &[])
        .await?
        .iter()
        .map(Mark::read)
        .collect::<Result<Vec<_>, Error>>()?;
    let mut stale: BTreeMap<i32, String> = gone
        .into_iter()
        .map(|unit| (unit, "a table of it is gone or was renamed".to_owned()))
        .collect();
    find_stale(old, &there, &marks, &mut stale).await?;
    let trusted: Vec<&Captured> = there
        .into_iter()
        .filter(|unit| !stale.contains_key(&unit.number))
        .collect();
    let logged = logged(old, &trusted).await?;
    let truncated = truncated(old, &trusted, &marks).await?;
    let (mut changed, mut changed_whole) = (Vec::new(), Vec::new());
    for unit in trusted {
        let emptied = truncated.get(&unit.number).cloned().unwrap_or_default();
        let stopped = |mark: &Mark| mark.unit == unit.number && mark.kind == MarkKind::Stopped;
        if !logged.contains(&unit.number) && emptied.is_empty() && !marks.iter().any(stopped) {
            continue;
        }
        if unit.unit.whole.is_some() {
            changed_whole.push(unit.number);
        } else {
            changed.push(Changed {
                number: unit.number,
                unit,
                truncated: emptied,
            });
        }
    }
    Ok(Look {
        changed,
        stale: stale.into_iter().collect(),
        changed_whole,
        snapshot,
    })
}

/// Units of which a table is not there under its name any more.
async fn gone(old: &Session, units: &[&Captured]) -> Result<BTreeSet<i32>, Error> {
    let (mut numbers, mut names) = (Vec::new(), Vec::new());
    for unit in units {
        for table in &unit.unit.watched {
            numbers.push(unit.number);
            names.push(table.sql());
        }
    }
    old.query(
        "SELECT DISTINCT w.unit FROM unnest($1::int4[], $2::text[]) AS w (unit, relation) \
         WHERE pg_catalog.to_regclass(w.relation) IS NULL",
        &[&numbers, &names],
    )
    .await?
    .iter()
    .map(|row| Ok(row.try_get(0)?))
    .collect()
}

async fn begin(old: &Session, units: &[&Captured]) -> Result<(), Error> {
    let tables: Vec<String> = units
        .iter()
        .flat_map(|unit| &unit.unit.watched)
        .map(|table| format!("ONLY {}", table.sql()))
        .collect();
    let lock = if tables.is_empty() {
        String::new()
    } else {
        format!("; LOCK TABLE {} IN ACCESS SHARE MODE", tables.join(", "))
    };
    old.batch_execute(&format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}{lock}"
    ))
    .await?;
    Ok(())
}

async fn find_stale(
    old: &Session,
    units: &[&Captured],
    marks: &[Mark],
    stale: &mut BTreeMap<i32, String>,
) -> Result<(), Error> {
    let roots: Vec<_> = units
        .iter()
        .map(|unit| (unit.number, unit.roots.clone()))
        .collect();
    let now = fingerprints(old, &roots).await?;
    let crashed = crashed(old).await?;
    for unit in units {
        let stopped = |mark: &Mark| mark.unit == unit.number && mark.kind == MarkKind::Stopped;
        // A table without a key is copied anew anyway when its marker has stopped.
        let why = if now.get(&unit.number) != unit.fingerprint.as_ref() {
            "its definition or its triggers were changed"
        } else if unit.unit.whole.is_none() && marks.iter().any(stopped) {
            "its log has reached its limit, or its key was changed"
        } else if crashed && unit.unit.unlogged {
            "it is unlogged, and its server has crashed"
        } else {
            continue;
        };
        stale.insert(unit.number, why.to_owned());
    }
    Ok(())
}

/// Whether the server has crashed since this was last asked: it has emptied the
/// unlogged canary then.
async fn crashed(old: &Session) -> Result<bool, Error> {
    let planted = old
        .execute(
            "INSERT INTO connect_swap.capture_canary SELECT true WHERE NOT EXISTS (SELECT FROM connect_swap.capture_canary)",
            &[],
        )
        .await?;
    Ok(planted > 0)
}

/// Units whose logs hold rows that the snapshot sees.
async fn logged(old: &Session, units: &[&Captured]) -> Result<BTreeSet<i32>, Error> {
    let each: Vec<String> = written(old, units)
        .await?
        .into_iter()
        .map(|unit| format!("SELECT {unit} WHERE EXISTS (SELECT FROM {})", log(unit)))
        .collect();
    if each.is_empty() {
        return Ok(BTreeSet::new());
    }
    old.query(&each.join(" UNION ALL "), &[])
        .await?
        .iter()
        .map(|row| Ok(row.try_get(0)?))
        .collect()
}

/// Units whose logs have a page: a row that the snapshot sees is on one that was there before it, and
/// none is taken away while it is seen. Reading a log keeps a lock on it until the round ends, asking for
/// its size does not: with thousands of tables the server has no room for so many locks.
async fn written(old: &Session, units: &[&Captured]) -> Result<Vec<i32>, Error> {
    let numbers: Vec<i32> = units.iter().map(|unit| unit.number).collect();
    let logs: Vec<String> = numbers.iter().map(|unit| log(*unit)).collect();
    old.query(
        "SELECT w.unit FROM unnest($1::int4[], $2::text[]) AS w (unit, log) \
         WHERE pg_catalog.pg_relation_size(w.log::pg_catalog.regclass) > 0",
        &[&numbers, &logs],
    )
    .await?
    .iter()
    .map(|row| Ok(row.try_get(0)?))
    .collect()
}

/// Takes the marks of truncated tables out, as keys are taken out of the logs.
async fn truncated(
    old: &Session,
    units: &[&Captured],
    marks: &[Mark],
) -> Result<BTreeMap<i32, Vec<TableRef>>, Error> {
    let mut all: BTreeMap<i32, Vec<TableRef>> = BTreeMap::new();
    let numbers: Vec<i32> = units.iter().map(|unit| unit.number).collect();
    let of_these = |mark: &&Mark| mark.kind == MarkKind::Truncated && numbers.contains(&mark.unit);
    if !marks.iter().any(|mark| of_these(&mark)) {
        return Ok(all);
    }
    // The marks of tables without a key stay until those are copied.
    let keyed: Vec<i32> = units
        .iter()
        .filter(|unit| unit.unit.whole.is_none())
        .map(|unit| unit.number)
        .collect();
    old.execute(
        "DELETE FROM connect_swap.capture_mark WHERE kind = 'truncated' AND unit = ANY ($1)",
        &[&keyed],
    )
    .await?;
    for mark in marks.iter().filter(of_these) {
        let row = old
            .query_one(
                "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1",
                &[&mark.relation],
            )
            .await?;
        let table = TableRef::new(row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
        all.entry(mark.unit).or_default().push(table);
    }
    Ok(all)
}
