//! What there is: the app, the old pair, the new pair, as read at one moment.

mod attached;
mod database;
mod locate;
mod old_pair;
mod other_connections;
mod physical;
mod snapshot;
mod subject;

pub use attached::{attachments_of, config_var_of, url_of};
pub(crate) use database::inventory_of;
pub use database::{CopiedWhole, DatabaseView, LargeObjects, managed_spec, managed_spec_of};
pub use locate::{Found, locate, session_to};
pub use old_pair::{FoundPair, find_connection, find_old_pair, read_connection};
pub use other_connections::{Home, OtherConnection, OtherConnections};
pub use physical::{physical, target};
pub use snapshot::{NewPair, Snapshot};
pub use subject::{AddonIdentity, NewNames, OldPair, Physical, Subject, Wanted, short};
