//! Rounds: what was captured in the old database is brought to the new one.

mod apply;
mod check;
mod keys;
mod look;
mod lost;
mod rounds;
mod route;

pub use lost::{failed_over, lost_rows};
pub use rounds::{OpenRound, RoundReport, Rounds, UnitRound};
