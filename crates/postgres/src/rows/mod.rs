//! Copying rows from server to server.

mod board;
pub(crate) mod columns;
mod copy;
mod jobs;
mod keeper;
mod large_object_marks;
mod large_objects;
mod ledger;
mod load;
mod pieces;
mod relay;
mod throttle;
mod worker;
mod writer;

pub use copy::{CopyOptions, Writers, copy_tables};
pub use jobs::{Workers, workers};
pub(crate) use keeper::{Keeper, Moment};
pub use large_objects::{
    LargeObjectsComparison, LargeObjectsCopied, compare_large_objects, copy_large_objects,
};
pub use ledger::{Amount, LoadProgress, TableCopied};
pub use load::{LoadReport, load_tables};
pub(crate) use pieces::{CUT_FROM, Piece, cut, sources};
pub(crate) use relay::{pipe, ready};
pub(crate) use throttle::Throttle;
