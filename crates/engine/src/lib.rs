//! Plans, steps, the journal's rules and the runner.
//!
//! This crate knows no terminal, HTTP, Postgres or Heroku. A domain crate gives it steps over a
//! world of its own; it decides what runs, asks at the gate, writes the journal, pauses, unwinds
//! or goes forward.

mod attempt;
mod bound;
mod clock;
mod consent;
mod control;
mod describe;
mod ending;
mod error;
mod event;
mod failing;
mod gate;
mod inject;
mod journal;
mod lost;
mod memory;
mod outputs;
mod plan;
mod replay;
mod runner;
mod scope;
mod standing;
mod step;
mod unwind;

pub use bound::{Bound, Moment};
pub use clock::{Clock, SystemClock};
pub use control::{Control, Interruption};
pub use describe::{Description, Effect, OnFailure};
pub use ending::{Ending, StepReport};
pub use error::{ErrorKind, StepError};
pub use event::{Event, Expected, Level, Progress, Sink, StepState};
pub use gate::{Answer, Choice, ConsentRequest, Gate};
pub use inject::{Injection, Where};
pub use journal::{Entry, Journal, JournalError, NewRecord, PhaseOutcome, Record};
pub use memory::MemoryJournal;
pub use outputs::Outputs;
pub use plan::{Plan, PlanError};
pub use replay::{PhaseState, Replay, ReplayError, Status};
pub use runner::{Runner, Start};
pub use scope::{Scope, Wait};
pub use step::{Observation, Step};
