//! Puts the triggers in place.

use serde::{Deserialize, Serialize};

use super::limit::{CaptureLimit, Share};
use super::marks::complete_state;
use super::patience::patiently;
use super::remove::remove_unit;
use super::sql::{
    Event, Family, Guard, KeyIndex, TRIGGER_PREFIX, full, log, make_function, make_log, make_ready,
    make_trigger,
};
use super::state::{Captured, STATE, Standing, TABLES, captured};
use super::unit::Unit;
use super::{fingerprints, remove_capture};
use crate::Error;
use crate::ident::TableRef;
use crate::session::Session;

/// What was put in place.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureStarted {
    /// Tables whose changes are followed row by row.
    pub followed: Vec<TableRef>,
    /// Tables of which is only known whether they changed.
    pub whole: Vec<TableRef>,
    /// How many of them were captured before.
    pub already_there: usize,
    /// Bytes that all logs may take.
    pub limit: u64,
}

/// Sees to it that the changes of these units are written down from now on, and
/// of no others. May be repeated: what is captured as it should be stays.
///
/// When this returns, every transaction that changes a captured table and is
/// not over writes its changes down. A trigger is made under a lock (`SHARE ROW
/// EXCLUSIVE`) that is given when no writer of the table is under way; the
/// writers of before have ended and released theirs, so a snapshot that is
/// taken from now on has what they did (PostgreSQL manual, "Explicit Locking").
///
/// `waiting` is told who is in the way of a lock.
///
/// # Errors
/// [`Error::Locked`] where a table stays in use by a transaction for minutes,
/// and what the server answers.
pub async fn install_capture(
    old: &Session,
    units: &[Unit],
    run: &str,
    limit: CaptureLimit,
    waiting: impl Fn(&str) + Send + Sync,
) -> Result<CaptureStarted, Error> {
    let of_other = |found: &Captured| found.run != run;
    if captured(old)
        .await?
        .is_some_and(|all| all.iter().any(of_other))
    {
        // What another run has left behind is of no use to this one.
        remove_capture(old, &waiting).await?;
    }
    old.batch_execute(TABLES).await?;
    complete_state(old).await?;
    let present = captured(old).await?.unwrap_or_default();
    let intact = intact(old, &present).await?;
    for gone in present.iter().filter(|found| !units.contains(&found.unit)) {
        remove_unit(old, gone, &waiting).await?;
    }
    let shares = limit.shares(&written(old, units).await?);
    let mut next = present.iter().map(|found| found.number).max().unwrap_or(0) + 1;
    let mut already_there = 0;
    for (unit, share) in units.iter().zip(shares) {
        let before = present.iter().find(|found| found.unit == *unit);
        if before.is_some_and(|found| intact.contains(&found.number)) {
            already_there += 1;
            continue;
        }
        if let Some(broken) = before {
            remove_unit(old, broken, &waiting).await?;
        }
        install(old, next, (unit, share), (run, limit), &waiting).await?;
        next += 1;
    }
    let named = |whole: bool| {
        let those = units.iter().filter(|unit| unit.whole.is_some() == whole);
        those.map(|unit| unit.table.clone()).collect()
    };
    Ok(CaptureStarted {
        followed: named(false),
        whole: named(true),
        already_there,
        limit: limit.get(),
    })
}

/// Those whose triggers are as they were made.
async fn intact(old: &Session, present: &[Captured]) -> Result<Vec<i32>, Error> {
    let roots: Vec<_> = present
        .iter()
        .map(|found| (found.number, found.roots.clone()))
        .collect();
    let now = fingerprints(old, &roots).await?;
    let stopped: Vec<i32> = old
        .query(
            "SELECT DISTINCT unit FROM connect_swap.capture_mark WHERE kind = 'stopped'",
            &[],
        )
        .await?
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    let as_made = |found: &&Captured| {
        found.fingerprint.is_some()
            && now.get(&found.number) == found.fingerprint.as_ref()
            && !matches!(found.standing, Standing::Stale(_))
            && !stopped.contains(&found.number)
    };
    Ok(present
        .iter()
        .filter(as_made)
        .map(|found| found.number)
        .collect())
}

async fn written(old: &Session, units: &[Unit]) -> Result<Vec<Share>, Error> {
    let mut all = Vec::with_capacity(units.len());
    for unit in units {
        let names: Vec<String> = unit.members.iter().map(TableRef::sql).collect();
        let row = old
            .query_one(
                "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int8 FROM pg_catalog.pg_stat_user_tables \
                 WHERE relid = ANY (SELECT pg_catalog.to_regclass(w.relation)::oid FROM unnest($1::text[]) AS w (relation))",
                &[&names],
            )
            .await?;
        all.push(Share {
            keyed: unit.whole.is_none(),
            written: u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0),
        });
    }
    Ok(all)
}

async fn install(
    old: &Session,
    number: i32,
    (unit, share): (&Unit, u64),
    (run, limit): (&str, CaptureLimit),
    waiting: &(dyn Fn(&str) + Send + Sync),
) -> Result<(), Error> {
    let roots = roots(old, unit).await?;
    let definition = serde_json::to_value(unit)
        .map_err(|error| Error::Protocol(format!("a unit cannot be written down: {error}")))?;
    // First of all, so that what is made is found again, whatever happens.
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    old.execute(
        &format!(
            "INSERT INTO {STATE} (unit, run, definition, roots, log_limit, capture_limit) VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        &[&number, &run, &definition, &roots, &bytes(share), &bytes(limit.get())],
    )
    .await?;
    patiently(old, &make_log(number, unit), waiting).await?;
    let guard = guard(old, number, (unit, &roots), share).await?;
    let events: &[Event] = if unit.watched.is_empty() {
        &[]
    } else {
        &Event::ALL
    };
    if !events.is_empty() {
        old.batch_execute(&make_ready(number, &guard)).await?;
    }
    for event in events.iter().copied() {
        old.batch_execute(&make_function(number, unit, event, &guard))
            .await?;
    }
    for table in &unit.watched {
        let triggers: Vec<String> = Event::ALL
            .into_iter()
            .map(|event| make_trigger(number, table, event))
            .collect();
        patiently(old, &triggers.join("; "), waiting).await?;
    }
    let all = [(number, roots)];
    let fingerprint = fingerprints(old, &all).await?.remove(&number);
    no_more(old, unit, &all[0].1).await?;
    old.execute(
        &format!(
            "UPDATE {STATE} SET fingerprint = $2, installed_at = pg_catalog.clock_timestamp() WHERE unit = $1"
        ),
        &[&number, &fingerprint],
    )
    .await?;
    Ok(())
}

/// Refuses a unit that has got one more table since it was looked at: that one
/// would be taken for captured, and has no triggers.
async fn no_more(old: &Session, unit: &Unit, roots: &[u32]) -> Result<(), Error> {
    if unit.watched.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = unit.watched.iter().map(TableRef::sql).collect();
    let more = old
        .query_opt(
            "WITH RECURSIVE family (oid) AS (SELECT unnest($1::oid[]) \
               UNION SELECT i.inhrelid FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid) \
             SELECT n.nspname::text, c.relname::text FROM family f \
             JOIN pg_catalog.pg_class c ON c.oid = f.oid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.oid <> ALL (ARRAY(SELECT pg_catalog.to_regclass(w.relation)::oid FROM unnest($2::text[]) AS w (relation) \
                   WHERE pg_catalog.to_regclass(w.relation) IS NOT NULL)) LIMIT 1",
            &[&roots, &names],
        )
        .await?;
    let Some(row) = more else { return Ok(()) };
    let table = TableRef::new(row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
    Err(Error::Changed {
        what: format!(
            "{table} has become a part of table {} meanwhile",
            unit.table
        ),
    })
}

/// The tables from which all others of the unit inherit.
async fn roots(old: &Session, unit: &Unit) -> Result<Vec<u32>, Error> {
    let names: Vec<String> = [&unit.table]
        .into_iter()
        .chain(&unit.watched)
        .map(TableRef::sql)
        .collect();
    let rows = old
        .query(
            "SELECT DISTINCT c.oid FROM unnest($1::text[]) AS w (relation) JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.relation) \
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) ORDER BY 1",
            &[&names],
        )
        .await?;
    let roots: Vec<u32> = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    if roots.is_empty() {
        return Err(Error::Changed {
            what: format!("table {} is gone", unit.table),
        });
    }
    Ok(roots)
}

async fn guard(
    old: &Session,
    number: i32,
    (unit, roots): (&Unit, &[u32]),
    limit: u64,
) -> Result<Guard, Error> {
    let made = old
        .query_one(
            "SELECT $1::text::pg_catalog.regclass::oid, $2::text::pg_catalog.regclass::oid",
            &[&log(number), &full(number)],
        )
        .await?;
    let index = match unit.key.is_empty() {
        true => None,
        false => Some(key_index(old, unit).await?),
    };
    let family = match (unit.watched.len(), roots) {
        (0 | 1, _) => Family::Alone,
        (_, [root]) if unit.partitioned => Family::Partitions(*root),
        (_, roots) => Family::Children(roots.to_vec()),
    };
    Ok(Guard {
        log: made.try_get(0)?,
        full: made.try_get(1)?,
        limit,
        index,
        family,
    })
}

/// The index over the unit's key, and what the server calls its columns.
async fn key_index(old: &Session, unit: &Unit) -> Result<KeyIndex, Error> {
    let names: Vec<&str> = unit.key.iter().map(|column| column.name.as_str()).collect();
    let holder = if unit.partitioned {
        Some(&unit.table)
    } else {
        unit.members.first()
    };
    let table = holder.map_or_else(String::new, TableRef::sql);
    let row = old
        .query_opt(
            "SELECT i.indexrelid, i.indrelid, ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, g, false) \
                    FROM pg_catalog.generate_series(1, i.indnkeyatts::int4) AS g) \
             FROM pg_catalog.pg_index i WHERE i.indrelid = pg_catalog.to_regclass($1) AND i.indisunique AND i.indisvalid \
               AND i.indpred IS NULL AND i.indexprs IS NULL \
               AND ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, at) \
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.at) = $2::text[] \
             ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1",
            &[&table, &names],
        )
        .await?
        .ok_or_else(|| Error::Changed {
            what: format!("the key of table {} is gone", unit.table),
        })?;
    Ok(KeyIndex {
        oid: row.try_get(0)?,
        table: row.try_get(1)?,
        columns: row.try_get(2)?,
    })
}

/// Whether a trigger's name is one of ours.
pub(crate) fn is_ours(trigger: &str) -> bool {
    trigger.starts_with(TRIGGER_PREFIX)
}
