//! Compares whether foreign keys are valid: in the window they are made
//! `NOT VALID`, and validated after it.

use std::collections::HashSet;

use super::differences::DifferenceKind;
use crate::inventory::{KeyCheck, Object, ObjectId, ObjectKind};
use crate::session::Session;
use crate::{Error, Part, schema};

/// Both sides' keys that are `NOT VALID`, and what is to be so for now.
pub(super) struct Validity {
    old: HashSet<ObjectId>,
    new: HashSet<ObjectId>,
    part: Part,
    new_version_num: i32,
}

impl Validity {
    pub(super) async fn read(old: &Session, new: &Session, part: Part) -> Result<Self, Error> {
        let (here, there, new_version_num) =
            tokio::try_join!(not_valid(old), not_valid(new), schema::version_num(new))?;
        Ok(Self {
            old: here,
            new: there,
            part,
            new_version_num,
        })
    }

    /// How a key's validity differs, if it does where it should not.
    pub(super) fn difference(&self, object: &Object, other: ObjectId) -> Option<DifferenceKind> {
        if object.kind != ObjectKind::ForeignKey {
            return None;
        }
        match (self.old.contains(&object.id), self.new.contains(&other)) {
            (false, true) => {
                let later = object.key_check(self.new_version_num) == Some(KeyCheck::AfterWindow);
                (!later || self.part == Part::AfterWindow).then_some(DifferenceKind::NotValid)
            }
            (true, false) => Some(DifferenceKind::Different {
                old: "NOT VALID".into(),
                new: "valid".into(),
            }),
            _ => None,
        }
    }
}

async fn not_valid(session: &Session) -> Result<HashSet<ObjectId>, Error> {
    let rows = session
        .query(
            "SELECT tableoid, oid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND NOT convalidated",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ObjectId {
                catalog: row.try_get(0)?,
                oid: row.try_get(1)?,
            })
        })
        .collect()
}
