//! A Connect configuration as Connect exports it: read, edited in place, compared.

mod compare;
mod document;
mod edit;
#[cfg(test)]
mod properties;
mod request;
mod validate;

pub use compare::{Difference, compare};
pub use document::{Document, FormatError, MappingView};
pub use edit::{Addition, EditError, edit};
pub use request::{Request, RequestError};
pub use validate::{KnownField, ValidationError, validate};
