//! Carrying schema objects from server to server.

mod after_rows;
mod apply;
mod archive;
mod carry;
mod concurrently;
mod default_privileges;
mod encryption;
mod entry;
mod extension_parts;
mod extensions;
mod grants;
mod managed_alterations;
mod managed_checks;
mod managed_security;
mod places;
mod policy_roles;
mod program;
mod restore;
mod retract;
mod roles;
mod select;
mod settings;
mod unchecked_keys;
mod validate_keys;

pub use carry::{CarryProgress, CarryReport, ExtensionCarried, Part, carry_schema};
pub use retract::retract_window;
pub use validate_keys::{KeysValidated, LeftOver, validate_keys};

pub(crate) use after_rows::{AfterRows, after_rows};
pub(crate) use apply::run_statement;
pub(crate) use extensions::moves;
pub(crate) use select::describe;
pub(crate) use unchecked_keys::version_num;
