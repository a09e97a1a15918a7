//! What happens to the command itself, and beside it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use connect_swap_tests::try_signal;

use crate::stage::Stage;

#[derive(Clone, Copy, Debug)]
pub(crate) enum ProcessFault {
    /// SIGKILL.
    Killed,
    /// Ctrl-C once: it pauses.
    Interrupted,
    /// Ctrl-C twice: it stops at once.
    InterruptedTwice,
    /// SIGTERM.
    Terminated,
    /// The terminal is closed.
    HungUp,
    /// A closed laptop.
    Slept(Duration),
    /// A second operator starts the same command on another machine.
    Second,
    /// The next command's machine has a wrong clock, by so many seconds.
    ClockOff(i64),
}

impl ProcessFault {
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        match rng.u8(0..10) {
            0..=2 => Self::Killed,
            3 => Self::Interrupted,
            4 => Self::InterruptedTwice,
            5 => Self::Terminated,
            6 => Self::HungUp,
            7 => Self::Slept(Duration::from_millis(rng.u64(100..4000))),
            8 => Self::Second,
            _ => Self::ClockOff([-86_400, -900, 900, 86_400][rng.usize(0..4)]),
        }
    }

    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Interrupted => "Ctrl-C",
            Self::InterruptedTwice => "Ctrl-C twice",
            Self::Terminated => "terminated",
            Self::HungUp => "terminal closed",
            Self::Slept(_) => "laptop closed",
            Self::Second => "two at once",
            Self::ClockOff(_) => "wrong clock",
        }
    }

    pub(crate) async fn strike(self, stage: &Arc<Stage>) {
        let process = || stage.process.load(Ordering::SeqCst);
        match self {
            Self::Killed => send(process(), "KILL"),
            Self::Interrupted => send(process(), "INT"),
            Self::InterruptedTwice => {
                send(process(), "INT");
                tokio::time::sleep(Duration::from_millis(400)).await;
                send(process(), "INT");
            }
            Self::Terminated => send(process(), "TERM"),
            Self::HungUp => send(process(), "HUP"),
            Self::Slept(lasts) => {
                let process = process();
                send(process, "STOP");
                tokio::time::sleep(lasts).await;
                send(process, "CONT");
            }
            Self::Second => stage.second.store(true, Ordering::SeqCst),
            Self::ClockOff(seconds) => stage.clock_off.store(seconds, Ordering::SeqCst),
        }
    }
}

/// To the command, where one is running.
fn send(process: u32, signal: &str) {
    if process != 0 {
        // It may have ended by itself meanwhile.
        let _ = try_signal(process, signal);
    }
}
