//! What is made on a table once its rows are there: the archive's entries for
//! keys, indexes and exclusion constraints, ready to run side by side.

use std::collections::BTreeMap;

use super::archive::Archive;
use super::carry::{Part, out_of_reach, present};
use super::entry::Entry;
use super::select::Selector;
use super::{apply, extensions};
use crate::ident::TableRef;
use crate::inventory::{Inventory, Object, ObjectId};
use crate::session::{DatabaseUrl, Purpose, connect};
use crate::{Error, Tools};

/// One entry.
pub(crate) struct AfterRowsEntry {
    pub(crate) dump_id: u32,
    /// What it is, for people.
    pub(crate) words: String,
    pub(crate) statements: Vec<String>,
    /// The relation that it locks.
    pub(crate) relation: Option<TableRef>,
    /// Whether others may be made on that relation at the same time.
    pub(crate) side_by_side: bool,
    pub(crate) depends_on: Vec<u32>,
}

/// All of them.
pub(crate) struct AfterRows {
    /// Statements that come first in every session.
    pub(crate) preamble: Vec<String>,
    pub(crate) entries: Vec<AfterRowsEntry>,
    /// What they make, in words.
    pub(crate) restored: Vec<String>,
    /// How much the new side has already.
    pub(crate) already_there: usize,
}

/// Reads what is to be made after the rows, and is not there yet.
pub(crate) async fn after_rows(
    tools: &Tools,
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
) -> Result<AfterRows, Error> {
    let old_session = connect(old, Purpose::ReadOnly, "schema").await?;
    let new_session = connect(new, Purpose::ReadOnly, "schema").await?;
    let archive = Archive::dump(tools, old, &out_of_reach(inventory)).await?;
    let entries = archive.list().await?;
    let moves = extensions::moves(&old_session, &new_session).await?;
    let present = present(&new_session).await?;
    let selection = Selector::new(inventory, &present, &moves, Part::AfterRows).select(&entries);
    selection.is_known()?;
    let script = archive.script(&selection.entries).await?;
    let mut steps: BTreeMap<Option<u32>, Vec<String>> = apply::steps(&script, &moves)
        .into_iter()
        .map(|step| (step.dump_id, step.statements))
        .collect();
    let objects: BTreeMap<ObjectId, &Object> = inventory
        .objects
        .iter()
        .map(|object| (object.id, object))
        .collect();
    let preamble = steps.remove(&None).unwrap_or_default();
    let made = selection
        .entries
        .iter()
        .filter_map(|entry| Some((entry, steps.remove(&Some(entry.dump_id))?)))
        .map(|(entry, statements)| ready(entry, statements, objects.get(&entry.id).copied()))
        .collect();
    Ok(AfterRows {
        preamble,
        entries: made,
        restored: selection.restored,
        already_there: selection.already_there,
    })
}

/// Only a plain index may be built beside another one (PostgreSQL manual,
/// "Explicit Locking": `SHARE` does not conflict with itself).
fn ready(entry: &Entry, statements: Vec<String>, object: Option<&Object>) -> AfterRowsEntry {
    let index = |text: &String| {
        ["CREATE INDEX ", "CREATE UNIQUE INDEX "]
            .iter()
            .any(|begin| text.starts_with(begin))
    };
    AfterRowsEntry {
        dump_id: entry.dump_id,
        words: object.map_or_else(|| entry.words.clone(), super::select::describe),
        side_by_side: statements.iter().all(index),
        statements,
        relation: object.and_then(|object| object.table.clone()),
        depends_on: entry.depends_on.clone(),
    }
}
