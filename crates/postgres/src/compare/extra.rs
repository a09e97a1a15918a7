//! What only the new side has on a table of the customer: it was dropped on the
//! old side since it was carried over.

use std::collections::BTreeSet;

use super::differences::{Difference, DifferenceKind};
use crate::catalog::{self, Key};
use crate::ident::TableRef;
use crate::inventory::{Inventory, Object, ObjectKind, When};
use crate::session::Session;
use crate::text::follow;
use crate::{Error, schema};

/// What keeps rows out, or acts on them, on a carried table of the new side and
/// not of the old one.
pub(super) async fn extra(
    old: &Session,
    new: &Session,
    inventory: &Inventory,
) -> Result<Vec<Difference>, Error> {
    let moves = schema::moves(old, new).await?;
    let known: BTreeSet<Key> = inventory
        .objects
        .iter()
        .map(|object| Key {
            identity: follow(&object.identity, &moves),
            ..object.key()
        })
        .collect();
    let tables: BTreeSet<TableRef> = inventory
        .unmanaged()
        .filter(|object| !matches!(object.when, When::NotCarried(_)))
        .filter_map(Object::as_table)
        .collect();
    let there = catalog::objects(new).await?.into_iter().filter(|object| {
        acts(object.kind)
            && object
                .table
                .as_ref()
                .is_some_and(|table| tables.contains(table))
            && !known.contains(&object.key)
    });
    Ok(there
        .map(|object| Difference {
            kind: object.kind,
            object: object.key.identity,
            what: DifferenceKind::Extra,
        })
        .collect())
}

fn acts(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Index
            | ObjectKind::PrimaryKey
            | ObjectKind::Unique
            | ObjectKind::Check
            | ObjectKind::Exclusion
            | ObjectKind::ForeignKey
            | ObjectKind::Trigger
            | ObjectKind::Rule
            | ObjectKind::Policy
            | ObjectKind::RowSecurity
    )
}
