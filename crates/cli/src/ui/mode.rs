//! The terminal's mode, kept while a list to pick from changes it.
//!
//! A list reads single keys: while it waits, the terminal neither echoes nor turns Ctrl-C into a
//! signal, and the cursor is hidden. Whatever ends the process then has to put that back.

/// The mode of the terminal at stdin.
#[cfg(unix)]
pub(super) struct Mode(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Mode {
    /// The mode as it is now.
    pub(super) fn now() -> Self {
        Self(rustix::termios::tcgetattr(std::io::stdin()).ok())
    }

    /// Puts it back at once, without waiting for output to leave.
    pub(super) fn restore(&self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(mode) = &self.0 {
            // A terminal that is gone needs no mode.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, mode);
        }
    }
}

#[cfg(not(unix))]
pub(super) struct Mode;

#[cfg(not(unix))]
impl Mode {
    pub(super) fn now() -> Self {
        Self
    }

    pub(super) fn restore(&self) {}
}
