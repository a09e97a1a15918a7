//! Compares the definitions of the customer's objects on both sides.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::details::detailed;
use super::normal::normal;
use super::validity::Validity;
use crate::catalog::{self, CatalogObject, Key};
use crate::inventory::{Inventory, Object, ObjectId, ObjectKind, When};
use crate::session::Session;
use crate::text::{Moves, follow};
use crate::{Error, Part, schema};

/// How an object differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "difference")]
pub enum DifferenceKind {
    /// The new side has no such object.
    Missing,
    /// The old side has no such object: it was dropped there since.
    Extra,
    /// The new side's is defined differently.
    Different {
        /// The old side's definition, as it would read on the new side.
        old: String,
        /// The new side's definition.
        new: String,
    },
    /// The new side's foreign key is `NOT VALID`: it was not held against the rows
    /// that were there.
    NotValid,
    /// The new side's sequence would give out numbers again that the old side
    /// has given out.
    SequenceBehind {
        /// The number that the old side would give out next.
        old_next: i128,
        /// The number that the new side would give out next.
        new_next: i128,
    },
}

/// An object that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What it is.
    pub kind: ObjectKind,
    /// Its identity on the old side.
    pub object: String,
    /// How it differs.
    #[serde(flatten)]
    pub what: DifferenceKind,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ", self.kind.words(), self.object)?;
        match &self.what {
            DifferenceKind::Missing => f.write_str("is missing"),
            DifferenceKind::Extra => f.write_str("is on the new side only"),
            DifferenceKind::Different { .. } => f.write_str("is defined differently"),
            DifferenceKind::NotValid => f.write_str("is NOT VALID on the new side"),
            DifferenceKind::SequenceBehind { old_next, new_next } => {
                write!(f, "would give out {new_next} next, the old one {old_next}")
            }
        }
    }
}

/// Compares the definitions of the unmanaged objects that are there once a part
/// is carried over, with all that came before it:
/// what the new side lacks, what is different there, and what only the new side
/// has on a table of the customer. Owners and grants are not looked at.
///
/// # Errors
/// When a server cannot be asked.
pub async fn compare_definitions(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
    part: Part,
) -> Result<Vec<Difference>, Error> {
    let mut found =
        differences(old, new, inventory, part, |object| part.has_by_then(object)).await?;
    found.extend(super::extra::extra(old, new, inventory).await?);
    Ok(found)
}

/// As [`compare_definitions`], for the objects that `wanted` picks.
pub(crate) async fn differences(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
    part: Part,
    wanted: impl Fn(&Object) -> bool,
) -> Result<Vec<Difference>, Error> {
    let moves = schema::moves(old, new).await?;
    let there: BTreeMap<Key, CatalogObject> = catalog::objects(new)
        .await?
        .into_iter()
        .map(|object| (object.key.clone(), object))
        .collect();
    let extensions: BTreeSet<&str> = there
        .values()
        .filter(|object| object.kind == ObjectKind::Extension)
        .map(|object| object.name.as_str())
        .collect();
    let mut found = Vec::new();
    let mut pairs = Vec::new();
    for object in inventory
        .objects
        .iter()
        .filter(|object| is_carried(object) && wanted(object))
    {
        // Where `public` was dropped and made anew it has another oid, and every
        // new database has one.
        if object.kind == ObjectKind::Schema && object.name == "public" {
            continue;
        }
        if object.kind == ObjectKind::Extension {
            if !extensions.contains(object.name.as_str()) {
                found.push(missing(object));
            }
            continue;
        }
        let key = object.key();
        let key = Key {
            identity: follow(&key.identity, &moves),
            ..key
        };
        match there.get(&key) {
            Some(other) => pairs.push((object, other)),
            None => found.push(missing(object)),
        }
    }
    let validity = Validity::read(old, new, part).await?;
    found.extend(different(old, new, &pairs, &moves, &validity).await?);
    found.sort_by(|a, b| (a.kind, &a.object).cmp(&(b.kind, &b.object)));
    Ok(found)
}

/// Default privileges are known by the name of their role, which differs.
fn is_carried(object: &Object) -> bool {
    !matches!(object.when, When::NotCarried(_)) && object.kind != ObjectKind::DefaultPrivileges
}

fn missing(object: &Object) -> Difference {
    Difference {
        kind: object.kind,
        object: object.identity.clone(),
        what: DifferenceKind::Missing,
    }
}

async fn different(
    old: &Session,
    new: &Session,
    pairs: &[(&Object, &CatalogObject)],
    moves: &Moves,
    validity: &Validity,
) -> Result<Vec<Difference>, Error> {
    let here: Vec<_> = pairs
        .iter()
        .map(|(object, _)| (object.id, object.kind))
        .collect();
    let there: Vec<_> = pairs
        .iter()
        .map(|(_, other)| (other.id, other.kind))
        .collect();
    let (here, there): (HashMap<ObjectId, String>, HashMap<ObjectId, String>) =
        tokio::try_join!(detailed(old, &here), detailed(new, &there))?;
    let differing = pairs.iter().filter_map(|(object, other)| {
        // Gone from the old side since the inventory: nothing to compare with.
        let old = follow(here.get(&object.id)?, moves);
        let new = there.get(&other.id).cloned().unwrap_or_default();
        let what = if old != new && normal(&old) != normal(&new) {
            DifferenceKind::Different { old, new }
        } else {
            validity.difference(object, other.id)?
        };
        Some(Difference {
            kind: object.kind,
            object: object.identity.clone(),
            what,
        })
    });
    Ok(differing.collect())
}
