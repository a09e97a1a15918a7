//! Carrying schema objects from server to server.

mod apply;
mod archive;
mod carry;
mod encryption;
mod entry;
mod extension_parts;
mod extensions;
mod grants;
mod managed_alterations;
mod managed_checks;
mod managed_security;
mod places;
mod refresh;
mod retract;
mod select;
mod settings;

pub use carry::{CarryProgress, CarryReport, ExtensionCarried, Part, carry_schema};
pub use retract::retract_window;

pub(crate) use extensions::moves;
