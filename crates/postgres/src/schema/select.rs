//! Chooses the entries of an archive that a part of the transfer restores.

use std::collections::{BTreeMap, BTreeSet};

use super::carry::Part;
use super::entry::{Entry, by_dump_id};
use crate::Error;
use crate::catalog::Key;
use crate::inventory::{Class, Inventory, Object, ObjectId};
use crate::text::{Moves, follow};

/// What a database's own `public` schema and everything below it is known by.
const FIRST_CUSTOMER_OID: u32 = 16_384;

/// What the new side has already.
pub(super) struct Present {
    pub(super) keys: BTreeSet<Key>,
    /// Partitions that are attached to their parent: quoted names.
    pub(super) attached: BTreeSet<String>,
}

/// Entries to restore, and what became of the others.
#[derive(Debug, Default)]
pub(super) struct Selection<'a> {
    pub(super) entries: Vec<&'a Entry>,
    /// Objects that are restored, in words.
    pub(super) restored: Vec<String>,
    /// How many objects of this part the new side has already.
    pub(super) already_there: usize,
    /// Entries of objects that the inventory does not know.
    pub(super) unknown: Vec<String>,
}

impl Selection<'_> {
    /// # Errors
    /// [`Error::Changed`] where the archive has what the inventory does not know.
    pub(super) fn is_known(&self) -> Result<(), Error> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        Err(Error::Changed {
            what: self.unknown.join("; "),
        })
    }
}

enum Choice<'a> {
    /// Restore it; an object of its own, or an idempotent addition to one.
    Take(Option<&'a Object>),
    Present,
    Leave,
    Unknown,
}

/// Chooses entries.
pub(super) struct Selector<'a> {
    inventory: &'a Inventory,
    objects: BTreeMap<ObjectId, &'a Object>,
    present: &'a Present,
    moves: &'a Moves,
    part: Part,
}

impl<'a> Selector<'a> {
    pub(super) fn new(
        inventory: &'a Inventory,
        present: &'a Present,
        moves: &'a Moves,
        part: Part,
    ) -> Self {
        let objects = inventory
            .objects
            .iter()
            .map(|object| (object.id, object))
            .collect();
        Self {
            inventory,
            objects,
            present,
            moves,
            part,
        }
    }

    pub(super) fn select<'e>(&self, entries: &'e [Entry]) -> Selection<'e> {
        let by_id = by_dump_id(entries);
        let mut selection = Selection::default();
        for entry in entries {
            match self.choose(entry, &by_id) {
                Choice::Take(object) => {
                    selection.entries.push(entry);
                    selection.restored.extend(object.map(describe));
                }
                Choice::Present => selection.already_there += 1,
                Choice::Leave => {}
                Choice::Unknown => selection.unknown.push(entry.words.clone()),
            }
        }
        selection
    }

    fn choose(&self, entry: &Entry, by_id: &BTreeMap<u32, &Entry>) -> Choice<'_> {
        if ["ENCODING", "STDSTRINGS", "SEARCHPATH"]
            .iter()
            .any(|kind| entry.is(kind))
        {
            return Choice::Take(None);
        }
        if entry.is("DATABASE") {
            return Choice::Leave;
        }
        if entry.id.oid == 0 {
            return self.choose_addition(entry, by_id);
        }
        if let Some(object) = self.objects.get(&entry.id) {
            return self.choose_object(object);
        }
        if let Some(whole) = self.whole(entry.id) {
            return match self.objects.get(&whole) {
                Some(object) if self.is_ours(object) => Choice::Take(None),
                _ => Choice::Leave,
            };
        }
        if entry.id.oid < FIRST_CUSTOMER_OID {
            Choice::Leave
        } else {
            Choice::Unknown
        }
    }

    /// The object that a catalog row is part of, over any number of levels.
    fn whole(&self, part: ObjectId) -> Option<ObjectId> {
        let mut whole = *self.inventory.parts.get(&part)?;
        while let Some(next) = self.inventory.parts.get(&whole) {
            whole = *next;
        }
        Some(whole)
    }

    fn choose_object(&self, object: &'a Object) -> Choice<'_> {
        if !self.is_ours(object) {
            return Choice::Leave;
        }
        if self.present.keys.contains(&self.key_there(object)) {
            Choice::Present
        } else {
            Choice::Take(Some(object))
        }
    }

    /// Comments, ownership of sequences, attachment of partitions: they have
    /// no catalog row of their own, and are known by what they depend on.
    fn choose_addition(&self, entry: &Entry, by_id: &BTreeMap<u32, &Entry>) -> Choice<'_> {
        let whole: Vec<Option<&&Object>> = entry
            .depends_on
            .iter()
            .filter_map(|id| by_id.get(id))
            .map(|whole| self.objects.get(&whole.id))
            .collect();
        if entry.is("COMMENT") {
            let managed = !whole.is_empty()
                && whole
                    .iter()
                    .all(|object| object.is_some_and(|object| self.is_connects(object)));
            return if managed || self.is_latest_of(&whole) {
                Choice::Take(None)
            } else {
                Choice::Leave
            };
        }
        let ours = self.is_latest_of(&whole);
        if entry.is("TABLE ATTACH") {
            let partition = whole
                .iter()
                .flatten()
                .find(|object| object.has("partition"));
            let done =
                partition.is_some_and(|object| self.present.attached.contains(&object.identity));
            return if ours && !done {
                Choice::Take(None)
            } else {
                Choice::Leave
            };
        }
        // A child that dropped the default it inherits has one entry more.
        if ["SEQUENCE OWNED BY", "INDEX ATTACH", "SHELL TYPE", "DEFAULT"]
            .iter()
            .any(|kind| entry.is(kind))
        {
            return if ours {
                Choice::Take(None)
            } else {
                Choice::Leave
            };
        }
        if ["STATISTICS DATA", "USER MAPPING"]
            .iter()
            .any(|kind| entry.is(kind))
        {
            Choice::Leave
        } else {
            Choice::Unknown
        }
    }

    fn is_ours(&self, object: &Object) -> bool {
        object.class == Class::Unmanaged && self.part.has(object)
    }

    /// Whether all of them are the customer's and carried, and the last of them
    /// in this part.
    fn is_latest_of(&self, whole: &[Option<&&Object>]) -> bool {
        let carried = whole.iter().all(|object| {
            object.is_some_and(|object| {
                object.class == Class::Unmanaged && self.part.has_by_then(object)
            })
        });
        carried && whole.iter().flatten().any(|object| self.is_ours(object))
    }

    /// Comments on what Connect makes are the customer's own.
    fn is_connects(&self, object: &Object) -> bool {
        self.part == Part::BeforeWindow
            && matches!(object.class, Class::Managed | Class::ConnectInternal)
            && self.present.keys.contains(&self.key_there(object))
    }

    /// What names the object on the new side.
    fn key_there(&self, object: &Object) -> Key {
        let key = object.key();
        Key {
            identity: follow(&key.identity, self.moves),
            ..key
        }
    }
}

/// An object in words for reports.
pub(crate) fn describe(object: &Object) -> String {
    format!("{} {}", object.kind.words(), object.identity)
}
