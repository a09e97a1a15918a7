//! Compares the rows of tables: counts, and checksums that do not depend on
//! the rows' order. The servers compute them; little crosses the network.

use serde::{Deserialize, Serialize};

use super::keys::first_differing;
use super::sums::{Forced, Taken, sums};
use crate::Error;
use crate::ident::TableRef;
use crate::rows::{Keeper, Moment, columns};
use crate::session::{DatabaseUrl, Purpose, connect};

/// How many tables that differ are looked into for the keys that do.
const LOOKED_INTO: usize = 5;

/// One table on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableComparison {
    /// The table.
    pub table: TableRef,
    /// Rows on the old side.
    pub old_rows: i64,
    /// Rows on the new side; `None` where it has no such table or column.
    pub new_rows: Option<i64>,
    /// Checksum of the old side's rows.
    pub old_checksum: Option<String>,
    /// Checksum of the new side's rows.
    pub new_checksum: Option<String>,
    /// The first keys whose rows differ, where the table has a key.
    #[serde(default)]
    pub differing_keys: Vec<String>,
    /// Why it was not compared, where it was not.
    #[serde(default)]
    pub left_out: Option<String>,
    /// Whether counts and checksums agree.
    pub equal: bool,
}

/// All tables on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// One entry a table, in the order asked for.
    pub tables: Vec<TableComparison>,
    /// Whether all that were compared are equal.
    pub equal: bool,
}

impl Comparison {
    /// The tables that are not equal.
    pub fn differing(&self) -> impl Iterator<Item = &TableComparison> {
        self.tables
            .iter()
            .filter(|table| !table.equal && table.left_out.is_none())
    }
}

impl std::fmt::Display for TableComparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (table, old) = (&self.table, self.old_rows);
        if let Some(why) = &self.left_out {
            return write!(f, "table {table} was not compared: {why}");
        }
        match self.new_rows {
            None => write!(f, "table {table} cannot be read on the new side"),
            Some(new) if new == old => write!(
                f,
                "table {table}: {old} rows on both sides, not the same ones"
            ),
            Some(new) => write!(
                f,
                "table {table}: {old} rows on the old side, {new} on the new one"
            ),
        }?;
        if !self.differing_keys.is_empty() {
            write!(
                f,
                "; first differing keys: {}",
                self.differing_keys.join(", ")
            )?;
        }
        Ok(())
    }
}

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompareOptions {
    /// How many sessions compute checksums on each side.
    pub workers: usize,
    /// What to do about tables whose row-level security is forced on its owner.
    pub forced: Forced,
}

/// Compares the rows of tables on both sides by count and by the sum of the
/// hashes of all rows, all columns included. Each side is read in one snapshot.
///
/// # Errors
/// When a server cannot be asked.
pub async fn compare_rows(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    tables: &[TableRef],
    options: CompareOptions,
) -> Result<Comparison, Error> {
    compare(old, new, tables, options, Moment::Any).await
}

/// Compares as [`compare_rows`] does, the old side as of a snapshot that another
/// session has exported and keeps.
///
/// # Errors
/// When a server cannot be asked, or the snapshot is gone.
pub async fn compare_rows_at(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    tables: &[TableRef],
    options: CompareOptions,
    snapshot: &str,
) -> Result<Comparison, Error> {
    compare(old, new, tables, options, Moment::Of(snapshot.to_owned())).await
}

async fn compare(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    tables: &[TableRef],
    options: CompareOptions,
    moment: Moment,
) -> Result<Comparison, Error> {
    let session = connect(old, Purpose::ReadOnly, "compare").await?;
    let names = columns::names(&session, tables).await?;
    drop(session);
    let (old_side, new_side) = (Keeper::new(old, moment), Keeper::new(new, Moment::Any));
    let (here, there) = tokio::try_join!(
        sums(&old_side, tables, &names, options),
        sums(&new_side, tables, &names, options)
    )?;
    let mut compared: Vec<TableComparison> = tables
        .iter()
        .zip(here.into_iter().zip(there))
        .map(|(table, (here, there))| comparison(table, here, there))
        .collect();
    let differing = compared
        .iter_mut()
        .filter(|table| !table.equal && table.left_out.is_none() && table.new_rows.is_some());
    for table in differing.take(LOOKED_INTO) {
        let columns = names.get(&table.table).map_or(&[][..], Vec::as_slice);
        table.differing_keys = first_differing(old, new, &table.table, columns).await?;
    }
    let equal = compared
        .iter()
        .all(|table| table.equal || table.left_out.is_some());
    Ok(Comparison {
        tables: compared,
        equal,
    })
}

fn comparison(table: &TableRef, here: Taken, there: Taken) -> TableComparison {
    let left_out = [&here, &there].into_iter().find_map(|side| match side {
        Taken::LeftOut(why) => Some((*why).to_owned()),
        _ => None,
    });
    let (old_rows, old_checksum) = here.values();
    let (new_rows, new_checksum) = there.values();
    TableComparison {
        table: table.clone(),
        old_rows: old_rows.unwrap_or_default(),
        new_rows,
        equal: old_rows.is_some() && old_rows == new_rows && old_checksum == new_checksum,
        old_checksum,
        new_checksum,
        differing_keys: Vec::new(),
        left_out,
    }
}
