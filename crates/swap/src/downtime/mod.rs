//! How long users are turned away: what is expected, phase by phase, and what came.

mod earlier;
mod estimate;
pub(crate) mod forecast;
mod phase;
mod table;
mod took;

pub use estimate::{Estimate, Expected};
pub use phase::Phase;
pub(crate) use table::forecast_lines;
pub use table::{compared, forecast_table};
pub(crate) use took::downtime_while_asked;
pub use took::{Downtime, Took, downtime};
