//! Rounds: what was captured in the old database is brought to the new one.

mod apply;
mod check;
mod emptied;
mod keys;
mod look;
mod rounds;
mod route;

pub use rounds::{OpenRound, RoundReport, Rounds, UnitRound};
