//! What is in a database, whose it is, and when it is carried over.

mod classify;
mod key_check;
mod model;
mod overrides;
mod take;

pub use key_check::KeyCheck;
pub use model::{Class, Inventory, Object, ObjectId, ObjectKind, When};
pub(crate) use overrides::is_skipped;
pub use overrides::{OverrideError, Overrides};
pub use take::inventory;
