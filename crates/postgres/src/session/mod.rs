//! Opening sessions: the connection URL, encryption, and the settings that
//! every session of this tool has.

mod backend;
#[cfg(test)]
mod certificates;
mod connect;
mod flush;
mod hold;
mod path;
mod same;
mod timeline;
mod tls;
mod url;

pub(crate) use backend::Backend;
pub use connect::{APPLICATION_PREFIX, Purpose, Session, connect};
pub(crate) use flush::flush;
pub(crate) use path::{of_libpq, of_libpq_server};
pub(crate) use same::refuse_same;
pub use same::same_physical_database;
pub(crate) use timeline::Timelines;
pub use tls::Tls;
pub use url::{DatabaseUrl, UrlError};
