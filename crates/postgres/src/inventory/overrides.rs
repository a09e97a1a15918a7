//! An operator's own word on single objects (`--skip`, `--include`).

use serde::{Deserialize, Serialize};

use super::model::{Class, Inventory, Object, ObjectKind, When};
use crate::ident::TableRef;

/// Why an object that the operator leaves out is not carried.
const SKIPPED: &str = "left out with --skip";
/// How many names are offered in place of one that is not there.
const OFFERED: usize = 3;

/// Decisions of the inventory that are not to hold, each as `KIND:NAME` with a
/// kind as the plan prints it and a name as `schema.name`, or as
/// `name on schema.table` for what is on a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    /// Not carried, with all that is on it and every foreign key to it.
    #[serde(default)]
    pub skip: Vec<String>,
    /// Carried all the same.
    #[serde(default)]
    pub include: Vec<String>,
}

/// A word that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// It is no kind and name.
    #[error("{given} is not KIND:NAME, such as table:public.events")]
    Shape {
        /// What was given.
        given: String,
    },
    /// There is no such object.
    #[error("the old database has no {given}{}", offer(.near))]
    Unknown {
        /// What was given.
        given: String,
        /// Names of that kind that are there.
        near: Vec<String>,
    },
    /// It is not the operator's to decide.
    #[error("{given} cannot be {verb}: {why}")]
    Refused {
        /// What was given.
        given: String,
        /// `left out` or `included`.
        verb: &'static str,
        /// Why.
        why: String,
    },
}

fn offer(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; there is {}", near.join(", "))
    }
}

impl Overrides {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.skip.is_empty() && self.include.is_empty()
    }

    /// The inventory with these decisions in place of its own.
    ///
    /// # Errors
    /// The first word that cannot be followed.
    pub fn apply(&self, mut inventory: Inventory) -> Result<Inventory, OverrideError> {
        for given in &self.include {
            let at = find(&inventory, given)?;
            include(&mut inventory, at, given)?;
        }
        for given in &self.skip {
            let at = find(&inventory, given)?;
            skip(&mut inventory, at, given)?;
        }
        Ok(inventory)
    }
}

/// Whether the operator has left it out.
pub(crate) fn is_skipped(object: &Object) -> bool {
    matches!(&object.when, When::NotCarried(why) if why == SKIPPED)
}

fn find(inventory: &Inventory, given: &str) -> Result<usize, OverrideError> {
    let shape = || OverrideError::Shape {
        given: given.to_owned(),
    };
    let (kind, name) = given.split_once(':').ok_or_else(shape)?;
    let plain = |text: &str| text.replace(['-', '_'], " ").to_lowercase();
    let of_kind = |object: &&Object| plain(object.kind.words()) == plain(kind);
    if !inventory.objects.iter().any(|object| of_kind(&object)) && name.is_empty() {
        return Err(shape());
    }
    let place = inventory
        .objects
        .iter()
        .position(|object| of_kind(&object) && names(object, name));
    place.ok_or_else(|| OverrideError::Unknown {
        given: given.to_owned(),
        near: inventory
            .objects
            .iter()
            .filter(of_kind)
            .filter(|object| object.class == Class::Unmanaged)
            .map(|object| object.identity.clone())
            .take(OFFERED)
            .collect(),
    })
}

fn names(object: &Object, name: &str) -> bool {
    let plain = object.as_table().map(|table| table.to_string());
    let on = object
        .table
        .as_ref()
        .map(|table| format!("{} on {table}", object.name));
    object.identity == name || plain.as_deref() == Some(name) || on.as_deref() == Some(name)
}

fn skip(inventory: &mut Inventory, at: usize, given: &str) -> Result<(), OverrideError> {
    let object = &inventory.objects[at];
    if object.class != Class::Unmanaged {
        return Err(OverrideError::Refused {
            given: given.to_owned(),
            verb: "left out",
            why: "it is not carried anyway, or comes by itself".into(),
        });
    }
    let on_it = table_of(object);
    let reference = format!("references {}", object.identity);
    for (place, other) in inventory.objects.iter_mut().enumerate() {
        let part = on_it.is_some() && other.table == on_it && other.class == Class::Unmanaged;
        if place == at || part || other.has(&reference) {
            other.when = When::NotCarried(SKIPPED.to_owned());
        }
    }
    Ok(())
}

fn include(inventory: &mut Inventory, at: usize, given: &str) -> Result<(), OverrideError> {
    let object = &inventory.objects[at];
    let refused = |why: &str| {
        Err(OverrideError::Refused {
            given: given.to_owned(),
            verb: "included",
            why: why.to_owned(),
        })
    };
    let why = match &object.when {
        When::NotCarried(why) => why.clone(),
        _ => return refused("it is carried already"),
    };
    // Of a mapping that is no more: nobody else will make it again.
    if object.class != Class::ConnectInternal || !why.contains("no more") {
        return refused(&why);
    }
    let table = table_of(object);
    for (place, other) in inventory.objects.iter_mut().enumerate() {
        let part = table.is_some() && other.table == table;
        if place != at && !part {
            continue;
        }
        let when = match other.kind {
            ObjectKind::Table | ObjectKind::Sequence => When::Prep,
            ObjectKind::PrimaryKey | ObjectKind::Unique | ObjectKind::Index => When::AfterRows,
            // Connect's triggers would run functions that are not there.
            _ => continue,
        };
        other.class = Class::Unmanaged;
        other.when = when;
    }
    Ok(())
}

fn table_of(object: &Object) -> Option<TableRef> {
    matches!(
        object.kind,
        ObjectKind::Table
            | ObjectKind::PartitionedTable
            | ObjectKind::View
            | ObjectKind::MaterializedView
    )
    .then(|| object.as_table())
    .flatten()
}
