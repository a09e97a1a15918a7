//! Cleanup: destroys the pair that is not in use, and nothing that is not proven unused.

mod check_unused;
mod close_run;
mod destroy;
mod detach_second;
mod keep_journal;
mod remove_capture;

pub use check_unused::CheckUnused;
pub use close_run::{ABANDONED, CloseRun};
pub use destroy::{DestroyConnect, DestroyDatabase};
pub use detach_second::DetachSecond;
pub use keep_journal::KeepJournal;
pub use remove_capture::RemoveCapture;
