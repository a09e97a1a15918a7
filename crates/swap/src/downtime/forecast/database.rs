//! What the databases take: the fence, rows, and what follows the rows.

use connect_swap_postgres::ObjectKind;

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
/// A foreign key is checked by one scan of its tables (PostgreSQL manual, ALTER TABLE), which is
/// faster than copying them.
const CHECKED_BYTES_PER_SECOND: f64 = 100e6;

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
    let mut why = format!(
        "{} of tables that Connect does not own are copied and compared",
        words::size(work.bytes_copied_in_window)
    );
    if work.backlog_rows > 0 {
        why = format!("{} changed rows wait; {why}", work.backlog_rows);
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

pub(super) fn schema(known: &Known<'_>, work: &RowsWork) -> Expected {
    let inventory = &known.snapshot.database.inventory;
    let of = |kinds: &[ObjectKind]| {
        let objects = inventory.unmanaged();
        objects
            .filter(|object| kinds.contains(&object.kind))
            .count()
    };
    let views = of(&[ObjectKind::MaterializedView]);
    let mut why = "foreign keys are checked, triggers made".to_owned();
    if views > 0 {
        why = format!("{why}, {} filled", words::count(views, "materialized view"));
    }
    if let Some(seconds) = known.earlier.all(&["carry-window-schema"]) {
        return Expected::new(Phase::Schema, around(seconds), why);
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let checked = work.bytes_copied_in_window as f64 / CHECKED_BYTES_PER_SECOND;
    let (low, high) = SCHEMA;
    Expected::new(Phase::Schema, (low, high + checked), why)
}
