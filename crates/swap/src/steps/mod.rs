//! The steps, each in a file of its own.

pub mod cleanup;
pub mod cutover;
pub mod prep;
pub mod rollback;
pub(crate) mod shared;

pub(crate) use shared::data::words_of;
