//! Rehearsals: the whole swap on this machine.

#[cfg(not(feature = "sandbox"))]
mod absent;
#[cfg(feature = "sandbox")]
mod column;
#[cfg(feature = "sandbox")]
mod environment;
#[cfg(feature = "sandbox")]
mod login;
#[cfg(feature = "sandbox")]
mod proof;
#[cfg(feature = "sandbox")]
mod rehearse;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "sandbox")]
mod start;
#[cfg(feature = "sandbox")]
mod time;

#[cfg(not(feature = "sandbox"))]
pub(crate) use absent::{rehearse, sandbox};
#[cfg(feature = "sandbox")]
pub(crate) use rehearse::rehearse;
#[cfg(feature = "sandbox")]
pub(crate) use sandbox::sandbox;
