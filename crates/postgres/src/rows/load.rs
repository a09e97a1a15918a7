//! Brings all rows over with what is built on them: keys, indexes, exclusion
//! constraints, statistics, large objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::board::Build;
use super::copy::{CopyOptions, Work, load};
use super::ledger::{LoadProgress, TableCopied};
use crate::ident::TableRef;
use crate::inventory::Inventory;
use crate::schema::{AfterRows, after_rows};
use crate::session::{DatabaseUrl, Purpose, connect};
use crate::{Error, Tools};

/// What a load did.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// Tables, in the inventory's order.
    pub tables: Vec<TableCopied>,
    /// What was built on them, in words.
    pub built: Vec<String>,
    /// How much the new side had built already.
    pub already_there: usize,
}

/// Copies the rows of tables, and makes on each of the customer's tables, as
/// soon as its rows are there, what
/// [`When::AfterRows`](crate::When::AfterRows) says; then gathers the planner's
/// statistics. What belongs to tables that are not copied is made too, where it
/// is not there yet. Tables and builds run side by side; see
/// [`copy_tables`](crate::copy_tables) for how rows are copied. May be
/// repeated.
///
/// # Errors
/// As [`copy_tables`](crate::copy_tables) and
/// [`carry_schema`](crate::carry_schema).
pub async fn load_tables(
    tools: &Tools,
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
    tables: &[TableRef],
    options: CopyOptions,
    progress: impl Fn(LoadProgress<'_>) + Send + Sync,
) -> Result<LoadReport, Error> {
    let after = after_rows(tools, old, new, inventory).await?;
    let builds = builds(&after, tables);
    let work = Work {
        tables,
        builds: &builds,
        preamble: &after.preamble,
    };
    let loaded = load(old, new, inventory, &work, options, &progress).await?;
    if !loaded.refused.is_empty() {
        return Err(Error::Restore {
            errors: loaded.refused,
        });
    }
    analyze_parents(new, inventory).await?;
    Ok(LoadReport {
        tables: loaded.copied,
        built: after.restored,
        already_there: after.already_there,
    })
}

/// The builds, with the table and the other builds that each waits for, and
/// at the end of each table its statistics.
fn builds(after: &AfterRows, tables: &[TableRef]) -> Vec<Build> {
    let place: BTreeMap<&TableRef, usize> =
        tables.iter().enumerate().map(|(at, t)| (t, at)).collect();
    let by_entry: BTreeMap<u32, usize> = after
        .entries
        .iter()
        .enumerate()
        .map(|(at, entry)| (entry.dump_id, at))
        .collect();
    let mut builds: Vec<Build> = after
        .entries
        .iter()
        .map(|entry| Build {
            words: entry.words.clone(),
            statements: entry.statements.clone(),
            table: entry
                .relation
                .as_ref()
                .and_then(|relation| place.get(relation).copied()),
            after: entry
                .depends_on
                .iter()
                .filter_map(|id| by_entry.get(id).copied())
                .collect(),
            relation: entry.relation.clone(),
            alone: !entry.side_by_side,
        })
        .collect();
    for (at, table) in tables.iter().enumerate() {
        let after = builds
            .iter()
            .enumerate()
            .filter(|(_, build)| build.relation.as_ref() == Some(table))
            .map(|(at, _)| at)
            .collect();
        builds.push(Build {
            words: format!("statistics of {table}"),
            statements: vec![format!("ANALYZE {}", table.sql())],
            table: Some(at),
            after,
            relation: Some(table.clone()),
            alone: true,
        });
    }
    builds
}

/// Statistics of partitioned tables as a whole, which autovacuum never gathers
/// (PostgreSQL manual, "ANALYZE").
async fn analyze_parents(new: &DatabaseUrl, inventory: &Inventory) -> Result<(), Error> {
    let parents = inventory.partitioned_tables();
    if parents.is_empty() {
        return Ok(());
    }
    let session = connect(new, Purpose::Work, "statistics").await?;
    for table in parents {
        session
            .batch_execute(&format!("ANALYZE {}", table.sql()))
            .await?;
    }
    Ok(())
}
