//! Why a command did not come to its plan, and the exit code where the error alone does not tell.

use connect_swap_engine::StepError;

use crate::exit::ExitCode;

/// An error, and how the command ends where the kind of error does not say it.
pub(super) type Stopped = (Option<ExitCode>, StepError);

/// Any error: its kind says how the command ends.
pub(super) fn other(error: StepError) -> Stopped {
    (None, error)
}

/// The flags, files or names given make no sense.
pub(super) fn usage(error: StepError) -> Stopped {
    (Some(ExitCode::Usage), error)
}
