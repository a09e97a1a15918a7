//! The journal in the old database, schema `connect_swap`: any machine with access to the app can
//! see, resume or roll back a swap that another one began.

mod copy;
mod deferred;
mod forget;
mod kill;
mod lock;
mod run;
mod schema;
mod store;

pub use copy::copy_run;
pub use deferred::DeferredJournal;
pub use forget::forget_run;
pub use kill::{KillPoint, KillPointError};
pub use lock::{Backend, Lock, LockError, LockHolder};
pub use run::{RunRecord, runs};
pub use schema::{FORMAT, create_schema, journal_exists};
pub(crate) use store::read_records;
pub use store::{PgJournal, Reconnect};
