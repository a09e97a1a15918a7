//! How much waits to be brought over, and how much room it takes.

use serde::{Deserialize, Serialize};

use super::state::{Captured, Standing};
use super::{LOGS_AT_ONCE, log};
use crate::Error;
use crate::ident::TableRef;
use crate::session::Session;

/// The logs of all units.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CaptureSizes {
    /// Bytes of all logs on disk, rows that were taken out already included.
    pub bytes: u64,
    /// About how many keys wait.
    pub keys: u64,
    /// Seconds since changes were last brought over.
    pub age: Option<f64>,
    /// Tables that have to be copied anew, and why.
    pub stale: Vec<(TableRef, String)>,
    /// Tables that are copied whole and have changed since.
    pub changed_whole: Vec<TableRef>,
    /// Tables whose rows are not in the new database yet.
    pub not_seeded: Vec<TableRef>,
}

/// Looks at the logs. Their rows are counted, which reads them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn capture_sizes(old: &Session, units: &[Captured]) -> Result<CaptureSizes, Error> {
    let mut sizes = CaptureSizes::default();
    for some in units.chunks(LOGS_AT_ONCE) {
        add(old, some, &mut sizes).await?;
    }
    Ok(sizes)
}

/// Adds some of them up.
async fn add(old: &Session, units: &[Captured], sizes: &mut CaptureSizes) -> Result<(), Error> {
    let each: Vec<String> = units
        .iter()
        .map(|unit| {
            let log = log(unit.number);
            format!(
                "SELECT {}, pg_catalog.pg_total_relation_size('{log}'::pg_catalog.regclass), (SELECT count(*) FROM {log})",
                unit.number
            )
        })
        .collect();
    let rows = old.query(&each.join(" UNION ALL "), &[]).await?;
    for row in &rows {
        let number: i32 = row.try_get(0)?;
        let Some(unit) = units.iter().find(|unit| unit.number == number) else {
            continue;
        };
        let (bytes, keys): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
        sizes.bytes += u64::try_from(bytes).unwrap_or(0);
        let keys = u64::try_from(keys).unwrap_or(0);
        let table = unit.unit.table.clone();
        match (&unit.standing, unit.unit.whole) {
            (Standing::NotSeeded, _) => sizes.not_seeded.push(table),
            (Standing::Stale(why), _) => sizes.stale.push((table, why.clone())),
            (Standing::Followed, Some(_)) if keys > 0 => sizes.changed_whole.push(table),
            (Standing::Followed, Some(_)) => {}
            (Standing::Followed, None) => sizes.keys += keys,
        }
        sizes.age = match (sizes.age, unit.age) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
    }
    Ok(())
}
