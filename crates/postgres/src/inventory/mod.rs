//! What is in a database, whose it is, and when it is carried over.

mod classify;
mod model;
mod take;

pub use model::{Class, Inventory, Object, ObjectId, ObjectKind, When};
pub use take::inventory;
