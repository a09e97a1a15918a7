//! How a command ends, as its exit code. Other programs rely on these numbers.

use serde::{Deserialize, Serialize};

/// The exit codes of the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExitCode {
    /// Done.
    Ok,
    /// Something this tool did not expect.
    Unexpected,
    /// The flags, files or names given make no sense.
    Usage,
    /// Findings block the way; nothing was changed.
    Blocked,
    /// A consent is missing or was declined.
    NoConsent,
    /// Paused; the same command goes on.
    Paused,
    /// The verification found a difference.
    Mismatch,
    /// Rolled back to the old pair, the app is up.
    RolledBack,
    /// A person is needed; the exact commands are printed.
    Stuck,
    /// Another run holds the lock.
    Locked,
    /// The world is not as prep left it.
    Drifted,
}

impl ExitCode {
    /// The number the process ends with.
    pub fn code(self) -> i32 {
        match self {
            Self::Ok => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Blocked => 3,
            Self::NoConsent => 4,
            Self::Paused => 5,
            Self::Mismatch => 6,
            Self::RolledBack => 7,
            Self::Stuck => 8,
            Self::Locked => 9,
            Self::Drifted => 11,
        }
    }
}
