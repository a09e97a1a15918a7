//! How a unit's rows travel in rounds: read from the catalogs once, as a change
//! of a definition makes another unit of it.

use std::collections::BTreeMap;

use super::keys::keys;
use crate::Error;
use crate::capture::{Captured, KeyColumn, Unit};
use crate::capture::{Target, keys_of};
use crate::ident::{TableRef, quote_ident};
use crate::rows::columns;
use crate::session::Session;

/// Into and out of one table.
pub(super) struct Way {
    pub(super) target: Target,
    columns: Vec<columns::Column>,
    binary: bool,
    /// All columns, generated ones too.
    pub(super) all_columns: Vec<String>,
    /// Whether row `t` has key `k`, as each side writes it.
    pub(super) old_matches: String,
    pub(super) new_matches: String,
}

impl Way {
    pub(super) fn format(&self) -> &'static str {
        if self.binary { "binary" } else { "text" }
    }

    /// The columns that are copied, as a list.
    pub(super) fn columns_sql(&self, prefix: &str) -> String {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|column| format!("{prefix}{}", quote_ident(&column.name)))
            .collect();
        names.join(", ")
    }

    /// A query of what is there of the round's keys.
    pub(super) fn present(&self, what: &str, matches: &str, unit: i32) -> String {
        format!(
            "SELECT {what} FROM {} AS t JOIN {} AS k ON {matches}",
            self.target.sql(),
            keys(unit)
        )
    }
}

/// Into and out of a unit's tables.
pub(super) struct Ways {
    pub(super) table: TableRef,
    pub(super) log_columns: Vec<String>,
    /// The key's columns of a row `t` under the log's names.
    pub(super) key_columns: String,
    pub(super) binary_keys: bool,
    pub(super) targets: Vec<Way>,
}

/// The ways of units that were needed so far, by the unit's number and its
/// fingerprint: a number is used again where an install was broken off.
#[derive(Default)]
pub(super) struct Routes(BTreeMap<(i32, Option<String>), Ways>);

impl Routes {
    pub(super) async fn of(
        &mut self,
        old: &Session,
        new: &Session,
        unit: &Captured,
    ) -> Result<&Ways, Error> {
        use std::collections::btree_map::Entry;
        Ok(
            match self.0.entry((unit.number, unit.fingerprint.clone())) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(ways(old, new, &unit.unit).await?),
            },
        )
    }
}

async fn ways(old: &Session, new: &Session, unit: &Unit) -> Result<Ways, Error> {
    let mut tables: Vec<TableRef> = unit
        .targets()
        .into_iter()
        .map(|target| target.table)
        .collect();
    tables.push(unit.table.clone());
    let (here, there, names) = tokio::try_join!(
        columns::read(old, &tables),
        columns::read(new, &tables),
        columns::names(old, &tables)
    )?;
    let mut targets = Vec::new();
    for ((target, here), there) in unit.targets().into_iter().zip(&here).zip(&there) {
        let new_key = key_there(new, unit, &target).await?;
        targets.push(Way {
            binary: columns::binary(here, there),
            columns: here.clone(),
            all_columns: names.get(&target.table).cloned().unwrap_or_default(),
            old_matches: Unit::matches(&unit.key),
            new_matches: Unit::matches(&new_key),
            target,
        });
    }
    let of_key = |side: &[Vec<columns::Column>]| -> Vec<columns::Column> {
        let columns = side.last().map_or(&[][..], Vec::as_slice);
        let named = |key: &KeyColumn| columns.iter().find(|column| column.name == key.name);
        unit.key.iter().filter_map(named).cloned().collect()
    };
    let (old_key, new_key) = (of_key(&here), of_key(&there));
    let names = unit.key.iter().zip(unit.log_columns());
    let names: Vec<String> = names
        .map(|(column, log)| format!("t.{} AS {log}", quote_ident(&column.name)))
        .collect();
    Ok(Ways {
        table: unit.table.clone(),
        log_columns: unit.log_columns(),
        key_columns: names.join(", "),
        // A generated column is not among those that are copied: its type is not known here.
        binary_keys: old_key.len() == unit.key.len() && columns::binary(&old_key, &new_key),
        targets,
    })
}

/// The unit's key on the new side, where an operator may be in another schema.
async fn key_there(new: &Session, unit: &Unit, target: &Target) -> Result<Vec<KeyColumn>, Error> {
    let names = |key: &[KeyColumn]| -> Vec<String> {
        key.iter().map(|column| column.name.clone()).collect()
    };
    let wanted = names(&unit.key);
    let found = keys_of(new, &target.table).await?;
    found
        .into_iter()
        .find(|key| names(key) == wanted)
        .ok_or_else(|| Error::NotReady {
            table: target.table.clone(),
            why: format!("it has no unique index over ({})", wanted.join(", ")),
        })
}
