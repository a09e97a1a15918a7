//! What the databases take: the fence, rows, and what follows the rows.

use connect_swap_postgres::KeyCheck;

use super::{Known, RowsWork};
use crate::downtime::earlier::around;
use crate::downtime::{Expected, Phase};
use crate::words;

/// A few settings and the end of every session: `ALTER DATABASE … SET` and `pg_terminate_backend`
/// wait for nobody's work (PostgreSQL manual), so this is sessions and round trips.
const FENCE: (f64, f64) = (1.0, 10.0);
/// Reading the definitions with `pg_dump` and applying them with `pg_restore`: two programs, and
/// the catalogs of both sides read several times.
const SCHEMA: (f64, f64) = (1.0, 20.0);

pub(super) fn fence(known: &Known<'_>) -> Expected {
    let measured = known.earlier.all(&["fence", "recheck-drain"]).map(around);
    Expected::new(
        Phase::Fence,
        measured.unwrap_or(FENCE),
        "sessions that do not end",
    )
}

pub(super) fn rows(known: &Known<'_>, work: &RowsWork) -> Expected {
    let measured = known
        .earlier
        .all(&["last-round", "set-sequences", "compare-rows"]);
    let mut why = "what changed since the rounds before the window".to_owned();
    if work.bytes_at_most > 0 {
        why = format!(
            "{why}; up to {} that cannot be followed are copied whole",
            words::size(work.bytes_at_most)
        );
    }
    let (low, high) = work.seconds();
    match measured {
        // Of the same tables, so it says more than any rate.
        Some(seconds) => {
            why = format!("{why}; {} in an earlier attempt", words::duration(seconds));
            Expected::new(Phase::Rows, around(seconds), why)
        }
        // Even no row at all is looked at on both sides.
        None => Expected::new(Phase::Rows, (low + 1.0, high + 5.0), why),
    }
}

pub(super) fn schema(known: &Known<'_>) -> Expected {
    let inventory = &known.snapshot.database.inventory;
    let whole = inventory.unmanaged().filter(|object| {
        let check = object.key_check(inventory.version_num);
        matches!(check, Some(KeyCheck::WhenMade(_)))
    });
    let whole = whole.count();
    let mut why = "definitions are read and applied by pg_dump and pg_restore".to_owned();
    if whole > 0 {
        why = format!(
            "{why}; {} must look at all rows, however long that takes",
            words::count(whole, "foreign key")
        );
    }
    let measured = known.earlier.all(&["carry-window-schema"]).map(around);
    Expected::new(Phase::Schema, measured.unwrap_or(SCHEMA), why)
}
