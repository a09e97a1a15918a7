//! When a foreign key of the customer is held against the rows.

use super::model::{Object, ObjectKind};

/// The first server version that takes `NOT VALID` for a foreign key on a
/// partitioned table (PostgreSQL 18, release notes).
const NOT_VALID_ON_PARTITIONED: i32 = 180_000;

/// When a foreign key is held against the rows that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCheck {
    /// Not at all: the old database has it `NOT VALID` too.
    Never,
    /// After the window; in the window it is made `NOT VALID`, which takes no
    /// time.
    AfterWindow,
    /// In the window, when it is made, and why.
    WhenMade(&'static str),
}

impl Object {
    /// When the new server, of this version, holds a foreign key against the
    /// rows; `None` for what is no foreign key.
    #[must_use]
    pub fn key_check(&self, server_version_num: i32) -> Option<KeyCheck> {
        if self.kind != ObjectKind::ForeignKey {
            return None;
        }
        Some(if self.has("not_valid") {
            KeyCheck::Never
        } else if self.has("on_partitioned") && server_version_num < NOT_VALID_ON_PARTITIONED {
            KeyCheck::WhenMade("a partitioned table's cannot be NOT VALID before PostgreSQL 18")
        } else if self.has("forced_security") {
            // Afterwards the check would not see the rows that a policy hides.
            KeyCheck::WhenMade("row-level security is forced on its tables' owner")
        } else {
            KeyCheck::AfterWindow
        })
    }
}
